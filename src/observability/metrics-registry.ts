import { invalid } from "../input.ts";
import type { Counter, Histogram, MetricsClient, MetricsRegistry } from "./metrics-client.ts";
import { createGauges } from "./metrics-gauges.ts";
import {
  type Buckets,
  defaultBuckets,
  type MeasuredElector,
  type MetricsSettings,
} from "./metrics-options.ts";

/** The metrics of one registry, shared by all electors that report there. */
export interface Metrics {
  readonly transitions: Counter;
  readonly errors: Counter;
  readonly duration: Histogram;
  readonly renewDuration: Histogram;
  readonly failover: Histogram;
  readonly buckets: Buckets;
  /** Names that have their zeros. A second zero would take from a histogram what it has counted. */
  readonly begun: Set<string>;
  /** Asks the elector for its gauges at each scrape, until the returned function is called. */
  watch(name: string, elector: MeasuredElector): () => void;
}

/** Describes one of our metrics to the client. */
export type Describe = (name: string, help: string, ...labels: string[]) => Description;

interface Description {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: never[];
}

const nameOf = (name: string) => `leader_election_${name}`;

const known = new WeakMap<MetricsRegistry, Metrics>();

/** The metrics in this registry; made when they are first asked for. */
export function metricsIn({ client, registry, buckets }: MetricsSettings): Metrics {
  const existing = known.get(registry);
  // They are no longer in a registry that was cleared.
  if (existing === undefined || registry.getSingleMetric(nameOf("errors_total")) === undefined) {
    const made = createMetrics(client, registry, buckets ?? defaultBuckets);
    known.set(registry, made);
    return made;
  }
  if (buckets === undefined || JSON.stringify(buckets) === JSON.stringify(existing.buckets)) {
    return existing;
  }
  throw invalid({
    name: "buckets",
    rule: "must be those of the first elector in this registry",
    value: buckets,
    usual: "none, except with the first elector",
  });
}

function createMetrics(
  client: MetricsClient,
  registry: MetricsRegistry,
  buckets: Buckets,
): Metrics {
  const describe: Describe = (name, help, ...labels) => ({
    name: nameOf(name),
    help,
    labelNames: ["name", ...labels],
    registers: [registry as never], // The application's own registry, whatever its exact type.
  });
  return {
    watch: createGauges(client, describe),
    transitions: new client.Counter(
      describe("transitions_total", "Gains and losses of leadership.", "transition", "reason"),
    ),
    errors: new client.Counter(
      describe("errors_total", "Requests to the store that failed.", "operation", "kind"),
    ),
    duration: new client.Histogram({
      ...describe("duration_seconds", "How long terms of this process lasted."),
      buckets: [...buckets.duration],
    }),
    renewDuration: new client.Histogram({
      ...describe("renew_duration_seconds", "How long renewals took.", "result"),
      buckets: [...buckets.renewDuration],
    }),
    failover: new client.Histogram({
      ...describe(
        "failover_seconds",
        "How long nobody had led before this process was elected, as far as it saw.",
      ),
      buckets: [...buckets.failover],
    }),
    buckets,
    begun: new Set(),
  };
}
