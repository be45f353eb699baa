import type { Schedule } from "./schedule.ts";

/** Records a run as a number that differs between runs and, on demand, as a readable transcript. */
export class Journal {
  readonly #schedule: Schedule;
  readonly #lines: string[] | undefined;
  #digest = 0;

  constructor(schedule: Schedule, transcribes: boolean) {
    this.#schedule = schedule;
    this.#lines = transcribes ? [] : undefined;
  }

  /** Adds `value` to the digest. Text is only made for a transcript, since it costs more than the run. */
  note(actor: string, value: number, words: () => string): void {
    const { now } = this.#schedule;
    const moment = (now * 1000) | 0;
    this.#digest = Math.imul(this.#digest ^ moment, 0x01000193) + Math.imul(value | 0, 0x9e3779b1);
    this.#lines?.push(`${now.toFixed(3).padStart(10)}  ${actor.padEnd(9)} ${words()}`);
  }

  /** 32 bits that depend on every value recorded. */
  get digest(): number {
    return this.#digest >>> 0;
  }

  get transcript(): readonly string[] {
    return this.#lines ?? [];
  }
}
