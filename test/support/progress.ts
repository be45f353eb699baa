/** How often a line is written where it cannot be overwritten, in ms. */
const LINE_EVERY = 10_000;

/** When there is enough: so many, or so long, whichever is first. */
export interface Goal {
  readonly count: number;
  readonly minutes: number;
}

/** How far a run is, on stderr: one line that changes in a terminal, and a line now and then elsewhere. */
export class Progress {
  readonly #what: string;
  readonly #goal: Goal;
  readonly #began = performance.now();
  #shownAt = performance.now();

  /** @param what is counted, such as "faults". */
  constructor(what: string, goal: Goal) {
    this.#what = what;
    this.#goal = goal;
  }

  show(count: number): void {
    const now = performance.now();
    const { stderr } = process;
    const isTerminal = stderr.isTTY === true;
    if (!isTerminal && now - this.#shownAt < LINE_EVERY) return;
    this.#shownAt = now;
    const passed = (now - this.#began) / 1000;
    const rate = count / passed;
    const wanted = this.#goal.count;
    const left = Math.max(0, Math.min((wanted - count) / rate, this.#goal.minutes * 60 - passed));
    const of = Number.isFinite(wanted) ? ` of ${wanted}` : "";
    const text = `${count}${of} ${this.#what}, ${rate.toFixed(1)}/s, ${Math.ceil(left)} s left`;
    stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
