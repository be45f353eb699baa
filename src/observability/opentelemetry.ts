import { measure } from "./measure.ts";
import type { MeasuredElector } from "./measurements.ts";
import { metricsOf } from "./opentelemetry-metrics.ts";
import { type OpenTelemetryOptions, parseOpenTelemetryOptions } from "./opentelemetry-options.ts";
import { traceTerms } from "./term-spans.ts";

/**
 * Reports what an elector does to OpenTelemetry: metrics, and a span for each term; `docs/reference/metrics.md` has
 * every name. Only listens: without it the elector does the same. What can go stale is read at each collection, so
 * a process that was paused never reports that it leads. Call it after the SDK is registered and before `start()`,
 * or the first gain is not counted and the first term has no span.
 *
 * @returns A function that stops the reports: the gauges are 0 from then on, and the span of the term ends. What was
 * counted stays.
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
 * @example
 * import { metrics, trace } from "@opentelemetry/api";
 *
 * const stopReporting = reportToOpenTelemetry(elector, {
 *   meter: metrics.getMeter("incumbent"),
 *   tracer: trace.getTracer("incumbent"),
 * });
 * await elector.start();
 */
export function reportToOpenTelemetry(
  elector: MeasuredElector,
  options: OpenTelemetryOptions,
): () => void {
  const { meter, tracer, name } = parseOpenTelemetryOptions(elector, options);
  const stops: (() => void)[] = [];
  if (meter !== undefined) {
    const metrics = metricsOf(meter);
    stops.push(metrics.add(name, elector), measure(elector, name, metrics));
  }
  if (tracer !== undefined) stops.push(traceTerms(elector, name, tracer));
  return () => {
    for (const stop of stops) stop();
  };
}
