import type { IncumbentError } from "../errors.ts";
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

/**
 * Where a registry carries our metrics. Registered, so that another copy of this package in the process
 * (after a hot reload, or of another dependency) finds them there and counts in the same series. The
 * number changes whenever {@link Metrics} does.
 */
const ours = Symbol.for("incumbent.metrics.1");

interface Carrier extends MetricsRegistry {
  [ours]?: Metrics;
}

/** The metrics in this registry; made when they are first asked for. */
export function metricsIn({ client, registry, buckets }: MetricsSettings): Metrics {
  const carrier: Carrier = registry;
  const isTaken = registry.getSingleMetric(nameOf("errors_total")) !== undefined;
  // They are no longer in a registry that was cleared.
  const existing = isTaken ? carrier[ours] : undefined;
  if (existing === undefined) {
    if (isTaken) throw taken(registry);
    const metrics = createMetrics(client, registry, buckets ?? defaultBuckets);
    Object.defineProperty(carrier, ours, { value: metrics, configurable: true });
    return metrics;
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

/** Of another version of this package, or of somebody else's under the same names. */
function taken(registry: MetricsRegistry): IncumbentError {
  return invalid({
    name: "registry",
    rule: "must have no other metrics that begin with leader_election_",
    value: registry,
    usual: "new client.Registry()",
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
