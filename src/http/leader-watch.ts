import type { Elector } from "../elector/elector.ts";

/** Notices when another process leads, while requests wait for that. The store is asked once for all of them. */
export class LeaderWatch {
  readonly #elector: Elector;
  readonly #waiting = new Set<() => void>();
  #end: () => void = () => {};

  constructor(elector: Elector) {
    this.#elector = elector;
  }

  /** Calls `onChange` at every change, and at first when the store has answered. Returns how to leave. */
  join(onChange: () => void): () => void {
    this.#waiting.add(onChange);
    if (this.#waiting.size === 1) this.#begin();
    return () => {
      if (this.#waiting.delete(onChange) && this.#waiting.size === 0) this.#end();
    };
  }

  #begin(): void {
    const over = new AbortController();
    const unregister = this.#elector.on("elected", () => this.#report());
    this.#end = () => {
      over.abort();
      unregister();
    };
    void this.#observe(over.signal);
  }

  /** An observation ends when the elector is stopped; requests that come later want to know who leads then. */
  async #observe(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for await (const _ of this.#elector.observe({ signal })) this.#report();
    }
  }

  #report(): void {
    for (const onChange of this.#waiting) onChange();
  }
}
