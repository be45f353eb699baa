import type { SimulatedHost } from "./simulated-host.ts";

/** The lease of one attempt, as computed from the commands that the servers executed. */
export class KnownLease {
  /** Several tokens if a command arrived twice with a loss of data in between. */
  readonly tokens = new Set<number>();
  /** The rates of the servers' clocks. */
  readonly rate: number;
  /** Whether it was released, or is known to end by itself. */
  #isOver = false;
  /** When it ends on each server, in the world's time. */
  readonly #ends: number[];
  /** The same without stray commands, which the candidate no longer wanted. */
  readonly #asked: number[];
  /** When the release was sent that each server got first. */
  readonly #givenUp: number[] = [];
  /** When a server first got its release. */
  #releasedAt: number | undefined;

  constructor(servers: number, { rate }: Pick<SimulatedHost, "rate">) {
    this.rate = rate;
    this.#ends = Array<number>(servers).fill(Number.NEGATIVE_INFINITY);
    this.#asked = [...this.#ends];
  }

  /** When it has ended on so many servers that no majority is left. */
  get endsAt(): number {
    return leftByMajority(this.#ends);
  }

  /** The same without stray commands, which the candidate no longer wanted. */
  get askedUntil(): number {
    return leftByMajority(this.#asked);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  end(): void {
    this.#isOver = true;
  }

  /** @param isStray whether the network repeated the command, or delivered it after the later release. */
  prolong(server: number, end: number, isStray: boolean): void {
    this.#ends[server] = Math.max(this.#ends[server] ?? 0, end);
    if (!isStray) this.#asked[server] = Math.max(this.#asked[server] ?? 0, end);
  }

  /** A server got its release, sent at this time, whether it held the lease or not. */
  askedToEnd(server: number, now: number, sentAt: number): void {
    this.#releasedAt ??= now;
    this.#givenUp[server] ??= sentAt;
  }

  /** Whether its release was sent to this server before that. */
  wasGivenUpBefore(server: number, sentAt: number): boolean {
    return (this.#givenUp[server] ?? sentAt) < sentAt;
  }

  wasReleasedSince(moment: number): boolean {
    return this.#releasedAt !== undefined && this.#releasedAt > moment;
  }

  release(server: number): void {
    this.#ends[server] = this.#asked[server] = Number.NEGATIVE_INFINITY;
  }
}

/** More than half. Computed independently of the store, so that an error there is detected. */
function leftByMajority(ends: readonly number[]): number {
  return [...ends].sort((a, b) => b - a)[Math.floor(ends.length / 2)] ?? 0;
}

/** Whether the nonce belongs to an attempt of this candidate. */
export function isOf({ name }: { readonly name: string }, nonce: string): boolean {
  return nonce.startsWith(`${name}.`);
}
