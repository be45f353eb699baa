export type { MeasuredElector } from "./observability/measurements.ts";
export { reportToPrometheus } from "./observability/prometheus.ts";
export type { PrometheusClient, PrometheusRegistry } from "./observability/prometheus-client.ts";
export type { PrometheusBuckets, PrometheusOptions } from "./observability/prometheus-options.ts";
