import type { ElectionState } from "../../election/state.ts";
import type { Memory } from "../redis/memory.ts";
import type { Budget, Instance } from "./instance.ts";
import { isDone } from "./prune.ts";
import { type Candidate, isAwaited, type Message, type World } from "./world.ts";

/** A world, and a short text that is the same for worlds with the same future. */
export interface Recognised {
  readonly fingerprint: string;
  /** With parts that it shares with other worlds. */
  readonly world: World;
}

/**
 * Recognises worlds by their parts: each gets a number the first time that it is met. There are few
 * different parts, of which all worlds are made.
 */
export class Recogniser {
  readonly #instance: Instance;
  readonly #budgets = new Numbering<Budget>((spent) => spent);
  readonly #memories = new Numbering<Memory>((memory) => [...memory]);
  readonly #candidates = new Numbering(contentOfCandidate);
  readonly #awaited = new Numbering<Message>((message) => message);
  readonly #unawaited = new Numbering(contentOfUnawaited, forgotten);

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  recognise(world: World): Recognised {
    const spent = this.#budgets.of(world.spent);
    const codes = [world.now, world.lastToken, spent.number];
    const servers = world.servers.map(({ memory, life, snapshot }) => {
      const kept = this.#memories.of(memory);
      const old = snapshot && this.#memories.of(snapshot);
      codes.push(life, kept.number, old === undefined ? 0 : old.number);
      return { memory: kept.part, life, snapshot: old?.part };
    });
    let isOver = true;
    const candidates = world.candidates.map((candidate, index) => {
      if (isDone(this.#instance, world, index)) {
        codes.push(0);
        return candidate;
      }
      isOver = false;
      const { number, part } = this.#candidates.of(candidate);
      codes.push(number);
      return part;
    });
    // Nobody leads or will lead.
    if (isOver) return { fingerprint: "over", world };
    const onTheirWay: number[] = [];
    const messages = world.messages.map((message) => {
      const isOdd = isAwaited(world, message);
      const { number, part } = (isOdd ? this.#awaited : this.#unawaited).of(message);
      onTheirWay.push(2 * number + (isOdd ? 1 : 0));
      return part;
    });
    // In whatever order they were sent, they arrive in every order.
    codes.push(...onTheirWay.sort((a, b) => a - b));
    const shared = { ...world, spent: spent.part, servers, candidates, messages };
    return { fingerprint: textOf(codes), world: shared };
  }
}

interface Numbered<Part> {
  readonly number: number;
  /** That of the first that was met with this content. */
  readonly part: Part;
}

/** Numbers parts by what matters of them, from 1. */
class Numbering<Part extends object> {
  readonly #content: (part: Part) => unknown;
  readonly #share: (part: Part) => Part;
  readonly #byContent = new Map<string, Numbered<Part>>();
  readonly #byPart = new Map<Part, Numbered<Part>>();

  constructor(content: (part: Part) => unknown, share = (part: Part) => part) {
    this.#content = content;
    this.#share = share;
  }

  of(part: Part): Numbered<Part> {
    const met = this.#byPart.get(part);
    if (met !== undefined) return met;
    const content = JSON.stringify(this.#content(part));
    const known = this.#byContent.get(content);
    if (known !== undefined) return known;
    const numbered = { number: this.#byContent.size + 1, part: this.#share(part) };
    this.#byContent.set(content, numbered);
    this.#byPart.set(numbered.part, numbered);
    return numbered;
  }
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

/** Without the moment when it was sent: a command of another moment may be awaited. */
function forgotten(message: Message): Message {
  return { ...message, request: { ...message.request, sentAt: Number.NEGATIVE_INFINITY } };
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
