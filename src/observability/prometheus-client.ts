// The part of `prom-client` (14, 15) that is used. Not its own types, so as not to depend on them.

type Labels = Readonly<Record<string, string>>;

/** Counts; prom-client's `Counter`. */
export interface PrometheusCounter {
  inc(labels: Labels, value: number): void;
}

/** Shows a value that goes up and down; prom-client's `Gauge`. */
export interface PrometheusGauge {
  set(labels: Labels, value: number): void;
  reset(): void;
}

/** Sorts values into buckets; prom-client's `Histogram`. */
export interface PrometheusHistogram {
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
export interface PrometheusRegistry {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
}

/**
 * The part of `prom-client` (14, 15) that is used: give it the module.
 * @example
 * import * as client from "prom-client";
 */
export interface PrometheusClient {
  readonly register: PrometheusRegistry;
  readonly Counter: new (config: MetricConfig) => PrometheusCounter;
  readonly Gauge: new (config: MetricConfig) => PrometheusGauge;
  readonly Histogram: new (config: MetricConfig) => PrometheusHistogram;
}
