import type { Journal } from "./journal.ts";
import type { Scenario } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** A broken promise. */
export interface Violation {
  /** The id of the promise: I1 to I13 of docs/internals/simulation.md. */
  readonly invariant: string;
  readonly text: string;
  /** The world's time, in ms. */
  readonly at: number;
}

/** The first broken promise of a run, in whichever election. It ends the run. */
export class Verdict {
  violation: Violation | undefined;
  readonly #schedule: Schedule;
  readonly #journal: Journal;

  constructor(schedule: Schedule, journal: Journal) {
    this.#schedule = schedule;
    this.#journal = journal;
  }

  complain(invariant: string, text: string): void {
    this.#journal.note("", 0, () => `VIOLATION of ${invariant}: ${text}`);
    this.violation ??= { invariant, text, at: this.#schedule.now };
  }
}

/** What the checks need of a run. */
export interface Observed {
  readonly schedule: Schedule;
  readonly journal: Journal;
  readonly verdict: Verdict;
  readonly scenario: Scenario;
}
