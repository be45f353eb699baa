import { realTimer, type Timer } from "../connections/timer.ts";
import type { Cell, CellListener } from "../observed/register.ts";

/** One attempt to follow a record, until it fails or its listener is gone. */
export interface WatchAttempt<C extends Cell> {
  /** Aborted when the attempt is over. */
  readonly signal: AbortSignal;
  /** The record as it is now. */
  report(cell: C): void;
  /** Changes may be missed from now on, so all begins anew. */
  fail(): void;
  /** Fails if it is not called again within so many ms. Without a number, any silence will do. */
  expectSign(ms?: number): void;
}

/** From a failure to the next attempt, in ms. Doubles while attempts fail. */
const [SHORTEST_PAUSE, LONGEST_PAUSE] = [50, 2000];
/** How long a change that a request has shown may take to arrive, in ms, before the watch counts as dead. */
const ARRIVES_WITHIN = 2000;

/**
 * Follows a record, again after each failure, until `end`. What `follow` throws is a failure as well.
 */
export class PersistentWatch<C extends Cell> {
  readonly #listener: CellListener<C>;
  readonly #follow: (attempt: WatchAttempt<C>) => Promise<void>;
  readonly #timer: Timer;
  /** What was reported last, if the watch is live. */
  #version: string | undefined;
  #pause = SHORTEST_PAUSE;
  #attempt = new AbortController();
  #cancel = () => {};
  /** The version that must be followed by another one soon. One at a time, however many requests conflict. */
  #doubted: { readonly version: string; cancel(): void } | undefined;

  constructor(
    listener: CellListener<C>,
    follow: (attempt: WatchAttempt<C>) => Promise<void>,
    timer: Timer = realTimer,
  ) {
    this.#listener = listener;
    this.#follow = follow;
    this.#timer = timer;
    this.#begin();
  }

  /** Nothing is reported any more. */
  end(): void {
    this.#cancel();
    this.#doubted?.cancel();
    this.#doubted = undefined;
    this.#attempt.abort();
  }

  /**
   * A request has shown that this version is an old one. If the watch does not report another one soon, its connection
   * is dead, or the server behind it: either may be silent for minutes.
   */
  doubt(version: string): void {
    if (this.#version !== version || this.#doubted?.version === version) return;
    this.#doubted?.cancel();
    const { signal } = this.#attempt;
    const cancel = this.#timer(ARRIVES_WITHIN, () => {
      this.#doubted = undefined;
      if (this.#version === version) this.#fail(signal);
    });
    this.#doubted = { version, cancel };
  }

  #begin(): void {
    this.#attempt = new AbortController();
    const { signal } = this.#attempt;
    const fail = () => this.#fail(signal);
    this.#follow({
      ...{ signal, fail },
      report: (cell) => {
        if (signal.aborted) return;
        this.#version = cell.version;
        this.#pause = SHORTEST_PAUSE;
        this.#listener.onCell(cell);
      },
      expectSign: (ms) => {
        if (signal.aborted) return;
        this.#cancel();
        this.#cancel = ms === undefined ? () => {} : this.#timer(ms, fail);
      },
    }).catch(fail);
  }

  #fail(signal: AbortSignal): void {
    if (signal.aborted) return;
    this.end();
    this.#cancel = this.#timer(this.#pause, () => this.#begin());
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE);
    const wasLive = this.#version !== undefined;
    this.#version = undefined;
    if (wasLive) this.#listener.onInterrupted();
  }
}
