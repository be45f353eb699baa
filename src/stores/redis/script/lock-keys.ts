import { invalid, show } from "../../../input.ts";

/** The key of the lock beside the election of this key: `*` in `alsoLock` stands for it. */
export function lockKeyOf(alsoLock: string, key: string): string {
  return alsoLock.split("*").join(key);
}

/** Whether each election has a lock of its own: two that share one would keep each other from leading. */
export class LockKeys {
  readonly #alsoLock: string;
  readonly #stampKey: string;
  readonly #slotOf: (key: string) => number | undefined;
  #only: string | undefined;

  /** @param slotOf answers on a cluster, which runs no script over several slots. */
  constructor(alsoLock: string, stampKey: string, slotOf: (key: string) => number | undefined) {
    this.#alsoLock = alsoLock;
    this.#stampKey = stampKey;
    this.#slotOf = slotOf;
  }

  /** Throws `INCUMBENT_INVALID_OPTION`. */
  check(key: string): void {
    const lockKey = lockKeyOf(this.#alsoLock, key);
    if (lockKey === key) {
      throw this.#invalid("must be another key than the election's, which holds a hash");
    }
    if (lockKey === this.#stampKey) {
      throw this.#invalid("must be another key than stampKey, which holds the server's stamp");
    }
    if (this.#slotOf(lockKey) !== this.#slotOf(key)) {
      throw this.#invalid(
        `must have the hash slot of the election's key, ${show(key)}, on a Redis Cluster`,
        '"locks:{*}"',
      );
    }
    if (this.#alsoLock.includes("*")) return;
    this.#only ??= key;
    if (this.#only === key) return;
    throw this.#invalid("must contain a * for the election's key if the store serves several");
  }

  #invalid(rule: string, example = '"locks:*"') {
    return invalid({ name: "alsoLock", rule, value: this.#alsoLock, example });
  }
}
