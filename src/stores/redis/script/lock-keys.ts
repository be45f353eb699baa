import { invalid } from "../../../input.ts";

/** The key of the lock beside the election of this key: `*` in `alsoLock` stands for it. */
export function lockKeyOf(alsoLock: string, key: string): string {
  return alsoLock.split("*").join(key);
}

/** Whether each election has a lock of its own: two that share one would keep each other from leading. */
export class LockKeys {
  readonly #alsoLock: string;
  readonly #stampKey: string;
  #only: string | undefined;

  constructor(alsoLock: string, stampKey: string) {
    this.#alsoLock = alsoLock;
    this.#stampKey = stampKey;
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
    if (this.#alsoLock.includes("*")) return;
    this.#only ??= key;
    if (this.#only === key) return;
    throw this.#invalid("must contain a * for the election's key if the store serves several");
  }

  #invalid(rule: string) {
    return invalid({ name: "alsoLock", rule, value: this.#alsoLock, example: '"locks:*"' });
  }
}
