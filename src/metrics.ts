export {
  type MeasuredElector,
  type MetricsClient,
  type MetricsOptions,
  type MetricsRegistry,
  observeMetrics,
} from "./observability/metrics.ts";
