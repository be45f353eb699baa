export type { MeasuredElector } from "./observability/measurements.ts";
export { reportToOpenTelemetry } from "./observability/opentelemetry.ts";
export type { OpenTelemetryMeter, OpenTelemetryTracer } from "./observability/opentelemetry-api.ts";
export type { OpenTelemetryOptions } from "./observability/opentelemetry-options.ts";
