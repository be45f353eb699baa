import type { Gauge, MetricsClient } from "./metrics-client.ts";
import type { MeasuredElector } from "./metrics-options.ts";
import type { Describe, Metrics } from "./metrics-registry.ts";

/**
 * The gauges, asked of the electors at each scrape. A stored value would still say "leader" after a
 * pause in which the lease ran out.
 */
export function createGauges(client: MetricsClient, describe: Describe): Metrics["watch"] {
  // An entry for each registration, so that one elector may be registered twice.
  const watched = new Map<string, Set<{ readonly elector: MeasuredElector }>>();

  /** Electors may share a name. Two that both lead must not look like one. */
  function gauge(
    name: string,
    help: string,
    aggregator: "sum" | "max",
    read: (elector: MeasuredElector) => number,
  ): Gauge {
    const collect = () => {
      for (const [label, entries] of watched) {
        const values = [...entries].map(({ elector }) => read(elector));
        const sum = values.reduce((total, value) => total + value, 0);
        made.set({ name: label }, aggregator === "sum" ? sum : Math.max(...values));
      }
    };
    const made = new client.Gauge({ ...describe(name, help), aggregator, collect });
    return made;
  }

  const gauges = [
    gauge("master_status", "1 while this process leads, else 0.", "sum", (elector) =>
      elector.isLeader() ? 1 : 0,
    ),
    gauge(
      "fencing_token",
      "The fencing token of this process's term; 0 while it does not lead.",
      "max",
      ({ term }) => term?.token ?? 0,
    ),
    gauge(
      "lease_remaining_seconds",
      "How long this process may trust its lease without a renewal; 0 while it does not lead.",
      "max",
      ({ term }) => (term?.remaining() ?? 0) / 1000,
    ),
  ];

  return (name, elector) => {
    const entry = { elector };
    const entries = watched.get(name) ?? new Set();
    watched.set(name, entries.add(entry));
    return () => {
      if (!entries.delete(entry) || entries.size > 0) return;
      watched.delete(name);
      for (const each of gauges) each.remove({ name });
    };
  };
}
