import type { ElectionState } from "../../election/state.ts";
import type { Instance } from "./instance.ts";
import { isDone } from "./prune.ts";
import { type Candidate, isAwaited, type Message, type World } from "./world.ts";

/**
 * Gives every world a short text, the same for worlds that have the same future. Each part of a world
 * gets a number the first time that it is met, and worlds share most of their parts.
 */
export class Fingerprints {
  readonly #instance: Instance;
  readonly #numbers = new Map<string, number>();
  readonly #parts = new Numbering(this.#numbers, contentOf);
  readonly #candidates = new Numbering(this.#numbers, contentOfCandidate);
  readonly #awaited = new Numbering<Message>(this.#numbers, (message) => message);
  readonly #unawaited = new Numbering(this.#numbers, contentOfUnawaited);

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  of(world: World): string {
    const { now, servers, candidates, messages, spent, lastToken } = world;
    const done = candidates.map((_, index) => isDone(this.#instance, world, index));
    if (done.every(Boolean)) return "over";
    const codes = [now, lastToken, this.#parts.of(spent)];
    for (const { memory, life, snapshot } of servers) {
      codes.push(
        life,
        this.#parts.of(memory),
        snapshot === undefined ? 0 : this.#parts.of(snapshot),
      );
    }
    for (const [index, candidate] of candidates.entries()) {
      codes.push(done[index] ? 0 : this.#candidates.of(candidate));
    }
    // In whatever order they were sent, they arrive in every order.
    const onTheirWay = messages.map((message) =>
      (isAwaited(world, message) ? this.#awaited : this.#unawaited).of(message),
    );
    return textOf([...codes, ...onTheirWay.sort((a, b) => a - b)]);
  }
}

/** Numbers by content, and remembers them by the object. */
class Numbering<Part extends object> {
  readonly #numbers: Map<string, number>;
  readonly #content: (part: Part) => unknown;
  readonly #known = new WeakMap<Part, number>();

  constructor(numbers: Map<string, number>, content: (part: Part) => unknown) {
    this.#numbers = numbers;
    this.#content = content;
  }

  of(part: Part): number {
    const known = this.#known.get(part);
    if (known !== undefined) return known;
    const text = JSON.stringify(this.#content(part));
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1;
    this.#numbers.set(text, number);
    this.#known.set(part, number);
    return number;
  }
}

function contentOf(part: object): unknown {
  return part instanceof Map ? [...part] : part;
}

function contentOfCandidate(candidate: Candidate): unknown {
  return { ...candidate, election: futureOf(candidate.election) };
}

/** When it was sent matters to nobody any more; a release is carried out at any time, by any server. */
function contentOfUnawaited(message: Message): unknown {
  const { candidate, server, request, life } = message;
  const { kind, attempt, notAfter, token } = request;
  return kind === "release"
    ? [candidate, server, kind, attempt]
    : [candidate, server, kind, attempt, notAfter, token, life];
}

/**
 * What matters of an election's state for what it will do. When a candidate asks again does not, since it
 * may be given a hint at any time; nor how often something failed, which the shortest delay hides; nor
 * for what reason a loss will be told.
 */
function futureOf(election: ElectionState): unknown {
  switch (election.role) {
    case "candidate":
      return { ...election, attemptAt: 0, failures: 0 };
    case "campaigning":
      return { ...election, sentAt: 0, failures: 0 };
    case "leader":
      return { ...election, lease: { ...election.lease, unanswered: false, failures: 0 } };
    default:
      return election;
  }
}

/** A number each, or two where it is large. */
function textOf(codes: readonly number[]): string {
  const units: number[] = [];
  for (const code of codes) {
    if (code < 0x8000) units.push(code);
    else units.push(0x8000 + (code >> 15), code & 0x7fff);
  }
  return String.fromCharCode(...units);
}
