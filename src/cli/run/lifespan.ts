import { type Clock, systemClock } from "../../elector/clock.ts";
import type { EventSource } from "../../elector/events.ts";
import type { Term } from "../../elector/term.ts";
import { LeadershipLostError } from "../../errors.ts";
import type { RunSettings } from "./settings.ts";

/** Kept back from the end of the lease, as a part of the safety margin: time for SIGKILL to do its work. */
const KILL_ALLOWANCE = 0.25;

/** How long a command may live: until shortly before the lease that was last renewed ends. */
export class Lifespan {
  readonly #clock: Pick<Clock, "now">;
  readonly #term: Term;
  readonly #stop: () => void;
  #until: number;

  /** @param renewed called at each renewal, also while the term is being given up and its lease kept. */
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
      // Answers may overtake each other.
      this.#until = Math.max(this.#until, until);
      renewed();
    });
  }

  /** In ms. */
  get remaining(): number {
    return this.#until - this.#clock.now();
  }

  /** Says when patience ends: after `grace` ms from now, and never later than the lease can bear. */
  patience(grace: number): () => boolean {
    const patientUntil = this.#clock.now() + grace;
    return () => this.#isOver() || this.remaining <= 0 || this.#clock.now() >= patientUntil;
  }

  close(): void {
    this.#stop();
  }

  /** After a pause, or when another process has the lease, there is no time left at all. */
  #isOver(): boolean {
    const { reason } = this.#term.signal;
    return (
      reason instanceof LeadershipLostError && ["expired", "superseded"].includes(reason.reason)
    );
  }
}
