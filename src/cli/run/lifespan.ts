import type { EventSource } from "../../elector/events.ts";
import type { Term } from "../../elector/terms/term.ts";
import { type Clock, systemClock } from "../../elector/time/clock.ts";
import { LeadershipLostError } from "../../errors.ts";
import type { RunSettings } from "./settings.ts";

/** The fraction of the safety margin that is reserved for SIGKILL to take effect. */
const KILL_ALLOWANCE = 0.25;

/** How long a command may live: until shortly before its lease ends. Each renewal extends this. */
export class Lifespan {
  readonly #clock: Pick<Clock, "now">;
  readonly #term: Term;
  readonly #stop: () => void;
  #until: number;

  /** @param renewed called at each renewal, including those between the loss of leadership and the release. */
  constructor(
    elector: EventSource,
    term: Term,
    { ttl, safetyMargin }: Pick<RunSettings, "ttl" | "safetyMargin">,
    renewed: () => void,
    clock: Pick<Clock, "now"> = systemClock(),
  ) {
    this.#clock = clock;
    this.#term = term;
    this.#until = this.#clock.now() + term.remaining() + safetyMargin * (1 - KILL_ALLOWANCE);
    this.#stop = elector.on("renewed", ({ took }) => {
      const until = this.#clock.now() - took + ttl - safetyMargin * KILL_ALLOWANCE;
      // Answers can arrive out of order.
      this.#until = Math.max(this.#until, until);
      renewed();
    });
  }

  /** In ms. */
  get remaining(): number {
    return this.#until - this.#clock.now();
  }

  /** Returns a function that is true once `grace` ms are over, or earlier if the lease is about to end. */
  patience(grace: number): () => boolean {
    const patientUntil = this.#clock.now() + grace;
    return () => this.#isOver() || this.remaining <= 0 || this.#clock.now() >= patientUntil;
  }

  close(): void {
    this.#stop();
  }

  /** After a pause, or when another process has the lease, no time is left. */
  #isOver(): boolean {
    const { reason } = this.#term.signal;
    return (
      reason instanceof LeadershipLostError && ["expired", "superseded"].includes(reason.reason)
    );
  }
}
