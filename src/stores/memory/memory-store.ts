import { checkOptions, invalid } from "../../input.ts";
import { read, type StoredLease } from "../lease-rules.ts";
import type { Hint, LeaseRecord, StoreRequest, StoreTraits } from "../lease-store.ts";
import { type Decide, RuledStore } from "../ruled-store.ts";

/** How a {@link MemoryStore} may be set up. */
export interface MemoryStoreOptions {
  /**
   * Milliseconds since 1970, for `since` and for tokens. Leases end by the elector's clock and not by
   * this one; it is an option so that a test or a simulation decides what both of them are.
   * @defaultValue Date.now
   */
  readonly wallClock?: (() => number) | undefined;
}

interface Listener {
  readonly onHint: (hint: Hint) => void;
}

/**
 * Leases in the memory of this process: for tests, and for several electors in one process. Two
 * processes do not see each other's leases, so each of them would have a leader.
 *
 * Electors that share a store must share a clock, as they do unless a test gives them others.
 *
 * @throws `INCUMBENT_INVALID_OPTION` from the constructor.
 */
export class MemoryStore extends RuledStore {
  readonly traits: StoreTraits = {
    name: "memory",
    exclusion: "strict",
    tokens: "clock",
    clock: "server",
  };
  readonly #wallClock: () => number;
  readonly #leases = new Map<string, StoredLease>();
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(options: MemoryStoreOptions = {}) {
    super();
    this.#wallClock = wallClockOf(options);
  }

  /** The keys of all elections that had a lease. */
  async keys(): Promise<string[]> {
    return [...this.#leases.keys()];
  }

  async read({ key, clock }: StoreRequest): Promise<LeaseRecord | undefined> {
    return read(this.#leases.get(key), clock.now());
  }

  /** Calls `onHint` after each change, until the returned function is called. */
  watch(key: string, onHint: (hint: Hint) => void): () => void {
    const listener = { onHint };
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(key) === listeners) {
        this.#listeners.delete(key);
      }
    };
  }

  /** Nothing to let go of: the leases stay, as those of a server would. */
  async close(): Promise<void> {}

  transaction<Reply>({ key, clock }: StoreRequest, decide: Decide<Reply>): Reply {
    const moment = { now: clock.now(), wall: this.#wallClock() };
    const { reply, write, hint } = decide(this.#leases.get(key), moment);
    if (write !== undefined) this.#leases.set(key, write);
    if (hint !== undefined) this.#publish(key, hint);
    return reply;
  }

  /** Afterwards: a listener may send a request at once, and this one must be answered first. */
  #publish(key: string, hint: Hint): void {
    const listeners = this.#listeners.get(key);
    if (listeners === undefined) return;
    for (const listener of listeners) {
      queueMicrotask(() => {
        if (listeners.has(listener)) listener.onHint(hint);
      });
    }
  }
}

function wallClockOf(options: MemoryStoreOptions): () => number {
  const example = "{ wallClock: () => Date.now() }";
  const { wallClock = Date.now } = checkOptions(options, ["wallClock"], example);
  if (typeof wallClock === "function") return wallClock;
  const rule = "must be a function that gives milliseconds since 1970";
  throw invalid({ name: "wallClock", rule, value: wallClock, example: "Date.now" });
}
