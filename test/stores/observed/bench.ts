import { expect } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { AcquireRequest } from "../../../src/stores/lease-store.ts";
import { ObservedStore } from "../../../src/stores/observed/observed-store.ts";
import type { Cell, ObservedRecord, Written } from "../../../src/stores/observed/register.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { MemoryRegister, Shelf } from "../../support/memory-register.ts";

export const KEY = "billing";
export const TTL = 1000;
/** How long a lease of {@link TTL} is trusted after it was seen. */
export const LONGEST = 1012;

const traits = { name: "observed", exclusion: "strict", tokens: "clock" } as const;

/** What becomes of a request whose answer is lost. */
export const unheard = () =>
  new StoreError("INCUMBENT_STORE_UNAVAILABLE", "The connection broke.", { applied: "maybe" });

export const granted = expect.objectContaining({ granted: true });
export const refusedAs = (reason: string) => expect.objectContaining({ granted: false, reason });

/** A register whose next writes a test may hold up, repeat or leave unanswered. */
export class FaultyRegister extends MemoryRegister {
  writes = 0;
  reads = 0;
  /** What becomes of the next write. */
  next: (carryOut: () => Promise<Written<Cell>>) => Promise<Written<Cell>> = (carryOut) =>
    carryOut();

  override async read(key: string): Promise<Cell> {
    this.reads += 1;
    return super.read(key);
  }

  override async compareAndSet(
    key: string,
    seen: Cell,
    record: ObservedRecord,
  ): Promise<Written<Cell>> {
    this.writes += 1;
    const fate = this.next;
    this.next = (carryOut) => carryOut();
    return fate(() => super.compareAndSet(key, seen, record));
  }
}

/** One shelf, one clock, and the stores of several processes. */
export class Bench {
  readonly shelf = new Shelf();
  readonly clock = new ManualClock();
  wall = 1_770_000_000_000;
  #nonces = 0;

  open(restartGuard = true): { store: ObservedStore; register: FaultyRegister } {
    const register = new FaultyRegister(this.shelf);
    const time = { now: () => this.clock.now(), wall: () => this.wall + this.clock.now() };
    return { store: new ObservedStore(register, { traits, restartGuard }, time), register };
  }

  /** A fresh attempt; the same object serves to acquire, to renew and to release. */
  attempt(changed: Partial<AcquireRequest> = {}): AcquireRequest & { readonly token: number } {
    this.#nonces += 1;
    return {
      ...{ key: KEY, nonce: `nonce-${this.#nonces}`, nodeId: "node", metadata: undefined },
      ...{ ttl: TTL, above: 0, token: 0, clock: this.clock, notAfter: this.clock.now() + 10 * TTL },
      signal: new AbortController().signal,
      ...changed,
    };
  }

  /** The record of the election becomes one that was released. */
  async found(): Promise<void> {
    const { store } = this.open(false);
    const attempt = this.attempt();
    await store.acquire(attempt);
    await store.release(attempt);
  }
}

/** An election whose first candidate has been elected. */
export async function ledElection() {
  const bench = new Bench();
  await bench.found();
  const { store } = bench.open();
  const leader = bench.attempt();
  await store.acquire(leader);
  return { bench, store, leader };
}
