import { contentBesideServers, contentOfServer, contentOfUnawaited } from "./content.ts";
import { Numbering } from "./numbering.ts";
import type { Candidate, Message } from "./world.ts";

/** The state of a candidate without its servers, and what it knows of each server, as numbers. */
interface Split {
  readonly common: number;
  readonly each: readonly number[];
}

/**
 * Numbers parts of worlds independently of the server they belong to. Servers start identical, so a world
 * with servers swapped has the same future. Results are cached, since parts occur repeatedly.
 */
export class Columns {
  readonly #commons = new Numbering((content: object) => content);
  readonly #each = new Numbering((content: object) => content);
  readonly #messages = new Numbering((content: object) => content);
  readonly #splits = new Map<Candidate, Split>();
  readonly #numbers = new Map<Message, number>();

  ofCandidate(part: Candidate): Split {
    const met = this.#splits.get(part);
    if (met !== undefined) return met;
    const split = {
      common: this.#commons.of(contentBesideServers(part)).number,
      each: part.lives.map((_, server) => this.#each.of(contentOfServer(part, server)).number),
    };
    this.#splits.set(part, split);
    return split;
  }

  ofMessage(part: Message, isAwaited: boolean): number {
    const met = this.#numbers.get(part);
    if (met !== undefined) return met;
    const anywhere = { ...part, server: 0 };
    const content = isAwaited ? anywhere : contentOfUnawaited(anywhere);
    const { number } = this.#messages.of(content);
    this.#numbers.set(part, number);
    return number;
  }
}
