import { setTimeout as sleep } from "node:timers/promises";
import type { LogOutput } from "./output.ts";
import { openSink, type Sink } from "./sink.ts";

/** How many bytes are kept for a reader that has stopped reading. */
const MOST_KEPT = 64 * 1024;

/** The time between two attempts to write to such a reader, in ms. */
const RETRY_AFTER = 100;

/**
 * Writes to a descriptor without depending on its reader. If the reader is gone, the terminal closed or
 * the disk full, lines are lost. If the reader has stopped reading, some lines are kept for it, and it
 * later gets the number of the others.
 *
 * `process.stderr` can do neither: it emits errors, and after a child process has inherited the
 * descriptor, a write to a full pipe blocks the event loop and so the renewals.
 */
export class SteadyOutput implements LogOutput {
  readonly isTerminal: boolean;
  readonly #sink: Sink;
  readonly #kept: Uint8Array[] = [];
  #bytes = 0;
  #lost = 0;
  #retry: NodeJS.Timeout | undefined;

  constructor(descriptor: number) {
    this.#sink = openSink(descriptor);
    this.isTerminal = this.#sink.isTerminal;
  }

  write(text: string): void {
    const bytes = Buffer.from(text);
    if (this.#bytes > 0 && this.#bytes + bytes.length > MOST_KEPT) {
      this.#lost += 1;
      return;
    }
    this.#keep(bytes);
    if (this.#retry === undefined) this.#drain();
  }

  /** Releases the descriptor. Lines that the reader has not read by then are lost. */
  async close(): Promise<void> {
    if (this.#kept.length > 0) await sleep(RETRY_AFTER);
    clearTimeout(this.#retry);
    this.#drain();
    clearTimeout(this.#retry);
    await this.#sink.close();
  }

  #keep(bytes: Uint8Array): void {
    this.#kept.push(bytes);
    this.#bytes += bytes.length;
  }

  #drain(): void {
    this.#retry = undefined;
    for (let next = this.#kept[0]; next !== undefined; next = this.#kept[0]) {
      const count = this.#sink.send(next);
      if (count === "gone") {
        this.#forget();
        return;
      }
      if (count === 0) {
        this.#retry = setTimeout(() => this.#drain(), RETRY_AFTER).unref();
        return;
      }
      this.#bytes -= count;
      if (count < next.length) this.#kept[0] = next.subarray(count);
      else this.#kept.shift();
      if (this.#kept.length === 0) this.#report();
    }
  }

  #report(): void {
    if (this.#lost === 0) return;
    const notice = `incumbent: the reader of this log stopped reading; ${this.#lost} lines were lost\n`;
    this.#lost = 0;
    this.#keep(Buffer.from(notice));
  }

  #forget(): void {
    this.#kept.length = 0;
    this.#bytes = 0;
    this.#lost = 0;
  }
}
