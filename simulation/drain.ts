import type { Term } from "../src/elector/terms/term.ts";
import { LeadershipLostError } from "../src/errors.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** What a candidate still does when it leaves: until that has settled, its lease must be kept. */
export class Drain {
  readonly #process: SimulatedProcess;
  readonly #timeout: number;
  /** How much work and how many promises of callbacks have not settled, by the token of their term. */
  readonly #pending = new Map<number, number>();
  /** The token of the last term that it left. */
  #left = 0;
  /** When `drainTimeout` is over, on its machine's monotonic clock. */
  #until = Number.NEGATIVE_INFINITY;

  constructor(process: SimulatedProcess, timeout: number) {
    this.#process = process;
    this.#timeout = timeout;
  }

  /** Follows what its user does in a term. */
  follow(token: number, doing: Promise<void>): Promise<void> {
    this.#count(token, 1);
    return doing.finally(() => this.#count(token, -1));
  }

  /** What a callback returns that takes so many ms. */
  takeTime(token: number, ms: number): Promise<void> {
    return this.follow(token, new Promise((resolve) => this.#process.after(ms, resolve)));
  }

  /** Its term is over. */
  lost({ token, signal }: Term): void {
    const { reason } = signal;
    const isLeaving =
      reason instanceof LeadershipLostError && ["resigned", "stopped"].includes(reason.reason);
    if (!isLeaving) return;
    const { clocks, time } = this.#process;
    this.#left = token;
    this.#until = clocks.monotonicAt(time) + this.#timeout;
  }

  /** Whether a stop would wait now: for work or for promises of callbacks, also those of an earlier term. */
  get isAwaited(): boolean {
    return [...this.#pending.values()].some((pending) => pending > 0);
  }

  /** Whether a lease of one of these tokens must not be given back at this moment of the world. */
  keeps(tokens: ReadonlySet<number>, now: number): boolean {
    const { clocks, isDead } = this.#process;
    // A sleep is counted a little too long, and so ends the drain a little early.
    if (isDead || clocks.hasSlept || !tokens.has(this.#left)) return false;
    const isPending = (this.#pending.get(this.#left) ?? 0) > 0;
    return isPending && clocks.monotonicAt(now) < this.#until;
  }

  #count(token: number, change: number): void {
    this.#pending.set(token, (this.#pending.get(token) ?? 0) + change);
  }
}
