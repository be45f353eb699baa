import { now } from "../faults/candidate-process.ts";
import type { Options } from "./options.ts";
import type { Report } from "./report.ts";

/** How often a line is written where it cannot be overwritten, in ms. */
const LINE_EVERY = 10_000;

/** How far the run is, on stderr: one line that changes in a terminal, and a line now and then elsewhere. */
export class Progress {
  readonly #options: Options;
  readonly #began = now();
  #shownAt = now();

  constructor(options: Options) {
    this.#options = options;
  }

  show({ faults }: Report): void {
    const { stderr } = process;
    const isTerminal = stderr.isTTY === true;
    if (!isTerminal && now() - this.#shownAt < LINE_EVERY) return;
    this.#shownAt = now();
    const passed = (now() - this.#began) / 1000;
    const rate = faults / passed;
    const { faults: wanted, minutes } = this.#options;
    const left = Math.max(0, Math.min((wanted - faults) / rate, minutes * 60 - passed));
    const of = Number.isFinite(wanted) ? ` of ${wanted}` : "";
    const text = `${faults}${of} faults, ${rate.toFixed(1)}/s, ${Math.ceil(left)} s left`;
    stderr.write(isTerminal ? `\r\x1b[K${text}` : `${text}\n`);
  }

  end(): void {
    if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  }
}
