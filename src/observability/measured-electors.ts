import type { GaugeMeasurement, MeasuredElector } from "./measurements.ts";

/** The electors whose gauges one exporter reads, by name. */
export class MeasuredElectors {
  // An entry for each registration, so that one elector may be registered twice.
  readonly #entries = new Map<string, Set<{ readonly elector: MeasuredElector }>>();

  /** @returns A function that takes the elector out again. */
  add(name: string, elector: MeasuredElector): () => void {
    const entry = { elector };
    const entries = this.#entries.get(name) ?? new Set();
    this.#entries.set(name, entries.add(entry));
    return () => {
      if (entries.delete(entry) && entries.size === 0) this.#entries.delete(name);
    };
  }

  /** The names of all electors that are here now. */
  names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** The value for a name: of several electors, so that two that both lead do not look like one; 0 of none. */
  read(name: string, { aggregator, read }: GaugeMeasurement): number {
    const values = [...(this.#entries.get(name) ?? [])].map(({ elector }) => read(elector));
    return aggregator === "sum"
      ? values.reduce((total, value) => total + value, 0)
      : Math.max(0, ...values);
  }
}
