import { measure } from "./measure.ts";
import type { MeasuredElector } from "./measurements.ts";
import { metricsIn } from "./prometheus-metrics.ts";
import { type PrometheusOptions, parsePrometheusOptions } from "./prometheus-options.ts";

/**
 * Reports what an elector does as metrics of the application's own `prom-client`; `docs/reference/metrics.md`
 * has every name. Only listens: without it the elector does the same. What can go stale is read at each scrape,
 * so a process that was paused never reports that it leads. Call it before `start()`, or the first gain is not
 * counted.
 *
 * @returns A function that stops the reports and removes the elector's gauges. What was counted stays.
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
 * @example
 * import * as client from "prom-client";
 *
 * const stopReporting = reportToPrometheus(elector, { client });
 * await elector.start();
 */
export function reportToPrometheus(
  elector: MeasuredElector,
  options: PrometheusOptions,
): () => void {
  const settings = parsePrometheusOptions(elector, options);
  const metrics = metricsIn(settings);
  const remove = metrics.add(settings.name, elector);
  const stop = measure(elector, settings.name, metrics);
  return () => {
    stop();
    remove();
  };
}
