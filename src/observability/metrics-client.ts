// The part of `prom-client` (14, 15) that is used. Not its own types, so as not to depend on them.

type Labels = Readonly<Record<string, string>>;

/** Counts; prom-client's `Counter`. */
export interface Counter {
  inc(labels: Labels, value?: number): void;
}

/** Shows a value that goes up and down; prom-client's `Gauge`. */
export interface Gauge {
  set(labels: Labels, value: number): void;
  remove(labels: Labels): void;
}

/** Sorts values into buckets; prom-client's `Histogram`. */
export interface Histogram {
  observe(labels: Labels, value: number): void;
  zero(labels: Labels): void;
}

interface MetricConfig {
  readonly name: string;
  readonly help: string;
  readonly labelNames: string[];
  readonly registers: never[];
  readonly aggregator?: "sum" | "max";
  readonly buckets?: number[];
  readonly collect?: () => void;
}

/** The part of a `prom-client` registry that is used. */
export interface MetricsRegistry {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
}

/** The part of `prom-client` (14, 15) that is used: give it the module. */
export interface MetricsClient {
  readonly register: MetricsRegistry;
  readonly Counter: new (config: MetricConfig) => Counter;
  readonly Gauge: new (config: MetricConfig) => Gauge;
  readonly Histogram: new (config: MetricConfig) => Histogram;
}
