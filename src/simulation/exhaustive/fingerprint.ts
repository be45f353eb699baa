import type { ElectionState } from "../../election/state.ts";
import type { World } from "./world.ts";

/**
 * Gives every world a short text, the same for worlds that have the same future. Each part of a world
 * gets a number the first time that it is met, and worlds share most of their parts.
 */
export class Fingerprints {
  readonly #numbers = new Map<string, number>();
  readonly #known = new WeakMap<object, number>();

  of({ now, servers, candidates, messages, spent, lastToken }: World): string {
    const codes = [now, lastToken, this.#number(spent)];
    for (const { memory, life, snapshot } of servers) {
      codes.push(life, this.#number(memory), snapshot === undefined ? 0 : this.#number(snapshot));
    }
    for (const candidate of candidates) {
      const { election, requests, seen, told, lives } = candidate;
      const rest = this.#number(candidate, () => [
        seen,
        told,
        lives,
        requests.map((request) => this.#number(request)),
        futureOf(election),
      ]);
      codes.push(rest);
    }
    // In whatever order they were sent, they arrive in every order.
    const onTheirWay = messages.map((message) => this.#number(message)).sort((a, b) => a - b);
    return textOf([...codes, ...onTheirWay]);
  }

  #number(part: object, content: () => unknown = () => contentOf(part)): number {
    const known = this.#known.get(part);
    if (known !== undefined) return known;
    const text = JSON.stringify(content());
    const number = this.#numbers.get(text) ?? this.#numbers.size + 1;
    this.#numbers.set(text, number);
    this.#known.set(part, number);
    return number;
  }
}

function contentOf(part: object): unknown {
  return part instanceof Map ? [...part] : part;
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
