import type { MeasuredElector } from "./metrics.ts";

type Labels = Readonly<Record<string, string>>;

interface Counter {
  inc(labels: Labels, value?: number): void;
}

interface Gauge {
  set(labels: Labels, value: number): void;
  remove(labels: Labels): void;
}

interface Histogram {
  observe(labels: Labels, value: number): void;
  zero(labels: Labels): void;
  startTimer(labels: Labels): () => number;
}

interface MetricConfig {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: never[];
  readonly buckets?: number[];
  readonly collect?: () => void;
}

/** The part of a `prom-client` registry that is used. */
export interface MetricsRegistry {
  registerMetric(metric: never): void;
}

/** The part of `prom-client` (14, 15) that is used. Not its type, so as not to depend on it. */
export interface MetricsClient {
  readonly register: MetricsRegistry;
  readonly Counter: new (config: MetricConfig) => Counter;
  readonly Gauge: new (config: MetricConfig) => Gauge;
  readonly Histogram: new (config: MetricConfig) => Histogram;
}

/** The metrics of one registry, shared by all electors that report there. */
export interface Metrics {
  readonly transitions: Counter;
  readonly errors: Counter;
  readonly duration: Histogram;
  readonly renewDuration: Histogram;
  readonly failover: Histogram;
  /** Asks the elector for its gauges at each scrape, until the returned function is called. */
  watch(name: string, elector: MeasuredElector): () => void;
}

const known = new WeakMap<MetricsRegistry, Metrics>();

/** The metrics in this registry; made when they are first asked for. */
export function metricsIn(client: MetricsClient, registry: MetricsRegistry): Metrics {
  const existing = known.get(registry);
  if (existing !== undefined) return existing;
  const made = createMetrics(client, registry);
  known.set(registry, made);
  return made;
}

const TERMS = [1, 10, 60, 600, 3600, 21_600, 86_400, 604_800];
const ROUND_TRIPS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const VACANCIES = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

function createMetrics(client: MetricsClient, registry: MetricsRegistry): Metrics {
  const watched = new Map<MeasuredElector, string>();
  const config = (name: string, help: string, ...labels: string[]) => ({
    name: `leader_election_${name}`,
    help,
    labelNames: ["name", ...labels],
    registers: [registry as never], // The application's own registry, whatever its exact type.
  });
  const gauge = (
    name: string,
    help: string,
    value: (elector: MeasuredElector) => number,
  ): Gauge => {
    const collect = () => {
      for (const [elector, label] of watched) made.set({ name: label }, value(elector));
    };
    const made = new client.Gauge({ ...config(name, help), collect });
    return made;
  };
  const gauges = [
    gauge("master_status", "1 while this process leads, else 0.", (elector) =>
      elector.isLeader() ? 1 : 0,
    ),
    gauge(
      "fencing_token",
      "The fencing token of this process's term; 0 while it does not lead.",
      ({ term }) => term?.token ?? 0,
    ),
    gauge(
      "lease_remaining_seconds",
      "How long this process may trust its lease without a renewal; 0 while it does not lead.",
      ({ term }) => (term?.remaining() ?? 0) / 1000,
    ),
  ];
  return {
    transitions: new client.Counter(
      config("transitions_total", "Gains and losses of leadership.", "transition", "reason"),
    ),
    errors: new client.Counter(
      config("errors_total", "Requests to the store that failed.", "operation", "kind"),
    ),
    duration: new client.Histogram({
      ...config("duration_seconds", "How long terms of this process lasted."),
      buckets: TERMS,
    }),
    renewDuration: new client.Histogram({
      ...config("renew_duration_seconds", "How long renewals took.", "result"),
      buckets: ROUND_TRIPS,
    }),
    failover: new client.Histogram({
      ...config(
        "failover_seconds",
        "How long nobody led before this process was elected, as far as it saw.",
      ),
      buckets: VACANCIES,
    }),
    watch: (name, elector) => {
      watched.set(elector, name);
      return () => {
        watched.delete(elector);
        for (const each of gauges) each.remove({ name });
      };
    },
  };
}
