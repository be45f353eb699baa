import type { SimulatedServer } from "./simulated-server.ts";

/** A lease of one attempt, as the outside knows it: by what the servers carried out. */
export class KnownLease {
  /** Several where a command came twice, with a loss of memory between. */
  readonly tokens = new Set<number>();
  /** The network alone has asked for it. */
  readonly isRepeat: boolean;
  /** How fast the servers' clocks run. */
  readonly rate: number;
  /** It was given back, or may be another's. */
  isOver = false;
  /** When it ends at each server, in the world's time. */
  readonly #ends: number[];

  constructor(servers: number, { rate }: SimulatedServer, isRepeat: boolean) {
    this.rate = rate;
    this.isRepeat = isRepeat;
    this.#ends = Array<number>(servers).fill(Number.NEGATIVE_INFINITY);
  }

  /** When it has ended at so many that no majority is left. */
  get endsAt(): number {
    // More than half: counted here, so that a mistake in the count of the store is seen.
    return [...this.#ends].sort((a, b) => b - a)[Math.floor(this.#ends.length / 2)] ?? 0;
  }

  prolong(server: number, end: number): void {
    this.#ends[server] = Math.max(this.#ends[server] ?? 0, end);
  }

  release(server: number): void {
    this.#ends[server] = Number.NEGATIVE_INFINITY;
  }
}
