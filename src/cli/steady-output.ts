import { setTimeout as sleep } from "node:timers/promises";
import type { LogOutput } from "./output.ts";
import { openSink, type Sink } from "./sink.ts";

/** What is kept for a reader that has stopped, in bytes. */
const MOST_KEPT = 64 * 1024;

/** From one attempt to write to a reader that has stopped to the next, in ms. */
const RETRY_AFTER = 100;

/**
 * Writes to a descriptor, and whatever becomes of its reader changes nothing here. A reader that has
 * gone, a terminal that was closed or a full disk loses lines. One that has stopped holds nothing up:
 * some lines are kept for it, and of the rest it gets the number.
 *
 * `process.stderr` can do neither: it emits errors, and once a child process has inherited the
 * descriptor, a write to a full pipe stops the event loop, and with it the renewals.
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

  /** Lets go of the descriptor. What its reader has not taken by then is lost. */
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
    const notice = `incumbent: the reader of this log had stopped; ${this.#lost} lines were lost\n`;
    this.#lost = 0;
    this.#keep(Buffer.from(notice));
  }

  #forget(): void {
    this.#kept.length = 0;
    this.#bytes = 0;
    this.#lost = 0;
  }
}
