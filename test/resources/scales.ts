import { slopeOf } from "./slope.ts";

/** What a process weighs. */
export interface Weight {
  readonly at: number;
  /** In bytes; of the heap, what is still needed. */
  readonly heapUsed: number;
  readonly rss: number;
  /** How many handles, timers and requests keep it alive. */
  readonly resources: number;
}

/** What the heap may grow by in an hour, in KiB; a run of half an hour varies by less. */
const HEAP_PER_HOUR = 1024;

/**
 * The part at the beginning that is left out. Code is compiled again and again until a process has led
 * about 1,600 times, and that takes half a MiB.
 */
const WARM_UP = 0.5;

/** What processes weigh over time. */
export class Scales {
  readonly #weights = new Map<string, Weight[]>();

  add(name: string, weight: Weight): void {
    const weights = this.#weights.get(name) ?? [];
    this.#weights.set(name, weights);
    weights.push(weight);
  }

  get rows() {
    return [...this.#weights].map(([name, all]) => {
      const weights = all.slice(Math.floor(all.length * WARM_UP));
      const slope = (of: (weight: Weight) => number) =>
        Math.round(slopeOf(weights.map((weight) => ({ at: weight.at, value: of(weight) }))));
      const half = Math.floor(weights.length / 2);
      return {
        name,
        samples: all.length,
        heap: Math.round((weights.at(-1)?.heapUsed ?? 0) / 1024),
        heapPerHour: slope(({ heapUsed }) => heapUsed / 1024),
        rss: Math.round((weights.at(-1)?.rss ?? 0) / 1024),
        rssPerHour: slope(({ rss }) => rss / 1024),
        resourcesBefore: usual(weights.slice(0, half)),
        resourcesAfter: usual(weights.slice(half)),
      };
    });
  }

  /** The processes whose heap grows, or that hold more in the second half than in the first. */
  get growing(): string[] {
    return this.rows
      .filter((row) => row.heapPerHour > HEAP_PER_HOUR || row.resourcesAfter > row.resourcesBefore)
      .map(({ name }) => name);
  }

  table(): string {
    const line = (name: string, ...cells: (string | number)[]) =>
      [name.padEnd(10), ...cells.map((cell) => String(cell).padStart(12))].join("  ");
    return [
      line("process", "samples", "heap KiB", "KiB/hour", "rss KiB", "KiB/hour", "resources"),
      ...this.rows.map((row) =>
        line(
          row.name,
          row.samples,
          row.heap,
          row.heapPerHour,
          row.rss,
          row.rssPerHour,
          `${row.resourcesBefore} → ${row.resourcesAfter}`,
        ),
      ),
    ].join("\n");
  }
}

/** The median: a request may be under way now and then. */
function usual(weights: readonly Weight[]): number {
  const counts = weights.map(({ resources }) => resources).sort((a, b) => a - b);
  return counts[Math.floor(counts.length / 2)] ?? 0;
}
