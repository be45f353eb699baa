import { invalid, show } from "../../input.ts";
import { hashedPartOf } from "./cluster/slots.ts";
import { lockKeyOf } from "./script/lock-key.ts";

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
    if (this.#slotOf(lockKey) !== this.#slotOf(key)) throw this.#elsewhere(key);
    if (this.#alsoLock.includes("*")) return;
    this.#only ??= key;
    if (this.#only === key) return;
    throw this.#invalid("must contain a * for the election's key if the store serves several");
  }

  /** A lock without a * has the key that other processes know, so the election's is to be changed. */
  #elsewhere(key: string) {
    if (!this.#alsoLock.includes("*")) {
      const rule = `must have the hash slot of alsoLock, ${show(this.#alsoLock)}, on a Redis Cluster`;
      const example = show(`{${hashedPartOf(this.#alsoLock)}}:leader`);
      return invalid({ name: "key", rule, value: key, example });
    }
    const rule = `must have the hash slot of the election's key, ${show(key)}, on a Redis Cluster`;
    return this.#invalid(rule, hashedPartOf(key) === key ? '"locks:{*}"' : '"locks:*"');
  }

  #invalid(rule: string, example = '"locks:*"') {
    return invalid({ name: "alsoLock", rule, value: this.#alsoLock, example });
  }
}
