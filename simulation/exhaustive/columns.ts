import { contentBesideServers, contentOfServer, contentOfUnawaited } from "./content.ts";
import { Numbering } from "./numbering.ts";
import type { Candidate, Message } from "./world.ts";

/** What a candidate is beside its servers, and what it knows of each, in numbers. */
interface Split {
  readonly common: number;
  readonly each: readonly number[];
}

/**
 * Numbers parts of worlds without saying which server they belong to: servers begin alike, so a world in
 * which they have changed places has the same future. Asked for parts that are met again and again.
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
