import type { SimulatedServer } from "./simulated-server.ts";

/** A lease of one attempt, as the outside knows it: by what the servers carried out. */
export class KnownLease {
  /** Several where a command came twice, with a loss of memory between. */
  readonly tokens = new Set<number>();
  /** How fast the servers' clocks run. */
  readonly rate: number;
  /** It was given back, or is known to end by itself. */
  isOver = false;
  /** When it ends at each server, in the world's time. */
  readonly #ends: number[];
  /** The same without what nobody asked for any more. */
  readonly #asked: number[];
  /** When a server was first told that it is given back. */
  #releasedAt: number | undefined;

  constructor(servers: number, { rate }: SimulatedServer) {
    this.rate = rate;
    this.#ends = Array<number>(servers).fill(Number.NEGATIVE_INFINITY);
    this.#asked = [...this.#ends];
  }

  /** When it has ended at so many that no majority is left. */
  get endsAt(): number {
    return leftByMajority(this.#ends);
  }

  /** The same without what nobody asked for any more. */
  get askedUntil(): number {
    return leftByMajority(this.#asked);
  }

  /** `isStray`: by what the network brought a second time, or after the release that was sent after it. */
  prolong(server: number, end: number, isStray: boolean): void {
    this.#ends[server] = Math.max(this.#ends[server] ?? 0, end);
    if (!isStray) this.#asked[server] = Math.max(this.#asked[server] ?? 0, end);
  }

  /** A server was told that it is given back, whether it had it or not. */
  askedToEnd(now: number): void {
    this.#releasedAt ??= now;
  }

  wasReleasedSince(moment: number): boolean {
    return this.#releasedAt !== undefined && this.#releasedAt > moment;
  }

  release(server: number): void {
    this.#ends[server] = this.#asked[server] = Number.NEGATIVE_INFINITY;
  }
}

/** More than half: counted here, so that a mistake in the count of the store is seen. */
function leftByMajority(ends: readonly number[]): number {
  return [...ends].sort((a, b) => b - a)[Math.floor(ends.length / 2)] ?? 0;
}
