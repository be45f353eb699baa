export { observeMetrics } from "./observability/metrics.ts";
export type { MetricsClient, MetricsRegistry } from "./observability/metrics-client.ts";
export type {
  MeasuredElector,
  MetricsBuckets,
  MetricsOptions,
} from "./observability/metrics-options.ts";
