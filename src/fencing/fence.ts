import { wholeNumber } from "../input.ts";

/**
 * Remembers for each resource the largest token that it has seen. A {@link MemoryFence} does for one process, a
 * `RedisFence` for several.
 */
export interface Fence {
  /**
   * Remembers the token unless a larger one was seen, in one atomic step. Returns the largest one seen so far, this one
   * included: the token is admitted if it is returned, and too old if a larger one is.
   */
  raise(resource: string, token: number): number | Promise<number>;
}

/**
 * A fence in the memory of this process. It admits an old leader after a restart, and in a second instance of the
 * receiver, until the new leader has sent something: use it only if there is one instance, and what it guards ends with
 * the process. It keeps one number for each resource, for ever.
 *
 * @example
 * const fence = new MemoryFence();
 * fence.raise("billing", 7); // 7: admitted
 * fence.raise("billing", 6); // 7: too old
 */
export class MemoryFence implements Fence {
  readonly #newest = new Map<string, number>();

  /**
   * Answers at once, so that an effect can follow before anything else happens.
   *
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`
   */
  raise(resource: string, token: number): number {
    const newest = Math.max(checkToken(token), this.#newest.get(resource) ?? 0);
    this.#newest.set(resource, newest);
    return newest;
  }
}

/** What is not a number is not smaller than any, and would make a fence forget. Throws `INCUMBENT_INVALID_OPTION`. */
export function checkToken(token: unknown): number {
  const max = Number.MAX_SAFE_INTEGER;
  return wholeNumber("token", token, { min: 0, max, example: "term.token" });
}
