import type { LossReason } from "../election/state.ts";
import type { StoreOperation } from "../elector/events.ts";
import type { StoreErrorCode } from "../errors.ts";
import {
  type MeasuredElector,
  type MetricsOptions,
  parseMetricsOptions,
} from "./metrics-options.ts";
import { type Metrics, metricsIn } from "./metrics-registry.ts";

// Records, not lists: the compiler asks for every member, and each is there with a zero.
const lossReasons: Record<LossReason, true> = {
  expired: true,
  superseded: true,
  "store-lost": true,
  resigned: true,
  stopped: true,
};
const operations: Record<StoreOperation, true> = {
  acquire: true,
  renew: true,
  release: true,
  read: true,
};
const kinds: Record<StoreErrorCode, string> = {
  INCUMBENT_STORE_UNAVAILABLE: "unavailable",
  INCUMBENT_STORE_TIMEOUT: "timeout",
  INCUMBENT_STORE_REFUSED: "refused",
  INCUMBENT_STORE_MISCONFIGURED: "misconfigured",
  INCUMBENT_KEY_OCCUPIED: "key_occupied",
  INCUMBENT_MISSING_PACKAGE: "missing_package",
};

/**
 * Measures an elector; see `docs/reference/metrics.md` for every name. Only listens: without it the elector does
 * the same. What can go stale is asked for at each scrape, so a process that was paused never reports
 * that it leads.
 *
 * @returns A function that ends it and removes the elector's gauges. What was counted stays.
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
 */
export function observeMetrics(elector: MeasuredElector, options: MetricsOptions): () => void {
  const settings = parseMetricsOptions(elector, options);
  const { name } = settings;
  const metrics = metricsIn(settings);
  begin(metrics, name);
  const stops = [
    metrics.watch(name, elector),
    elector.on("elected", ({ vacancy }) => {
      metrics.transitions.inc({ name, transition: "gained", reason: "elected" });
      if (vacancy !== undefined) metrics.failover.observe({ name }, vacancy / 1000);
    }),
    elector.on("deposed", ({ reason, lasted }) => {
      metrics.transitions.inc({ name, transition: "lost", reason });
      metrics.duration.observe({ name }, lasted / 1000);
    }),
    elector.on("renewed", ({ took }) => {
      metrics.renewDuration.observe({ name, result: "ok" }, took / 1000);
    }),
    elector.on("storeError", ({ operation, error, took }) => {
      metrics.errors.inc({ name, operation, kind: kinds[error.code] });
      if (operation === "renew") {
        metrics.renewDuration.observe({ name, result: "error" }, took / 1000);
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Every series begins with a zero: a rate from nothing to one would not be seen. */
function begin(metrics: Metrics, name: string): void {
  if (metrics.begun.has(name)) return;
  metrics.begun.add(name);
  metrics.transitions.inc({ name, transition: "gained", reason: "elected" }, 0);
  for (const reason of Object.keys(lossReasons)) {
    metrics.transitions.inc({ name, transition: "lost", reason }, 0);
  }
  for (const operation of Object.keys(operations)) {
    for (const kind of Object.values(kinds)) metrics.errors.inc({ name, operation, kind }, 0);
  }
  for (const result of ["ok", "error"]) metrics.renewDuration.zero({ name, result });
  metrics.duration.zero({ name });
  metrics.failover.zero({ name });
}
