import type { ElectorEvents, EventSource, StoreOperation } from "../elector/events.ts";
import { type MetricsClient, type MetricsRegistry, metricsIn } from "./metrics-registry.ts";

export type { MetricsClient, MetricsRegistry } from "./metrics-registry.ts";

/** The part of an elector that metrics look at. */
export interface MeasuredElector extends EventSource {
  readonly key: string;
  isLeader(): boolean;
  readonly term: { readonly token: number; remaining(): number } | undefined;
}

/** Where the metrics of an elector go. */
export interface MetricsOptions {
  /** The `prom-client` that the application uses. */
  readonly client: MetricsClient;
  /**
   * The value of the label `name`.
   * @defaultValue the elector's key
   */
  readonly name?: string | undefined;
  /**
   * Which registry has them.
   * @defaultValue the client's own, `client.register`
   */
  readonly registry?: MetricsRegistry | undefined;
}

const OPERATIONS: readonly StoreOperation[] = ["acquire", "renew", "release", "read"];
const KINDS = [
  "unavailable",
  "timeout",
  "refused",
  "misconfigured",
  "occupied",
  "missing",
] as const;
const LOSSES = ["expired", "superseded", "store-lost", "resigned", "stopped"] as const;

/**
 * Measures an elector; see `docs/metrics.md` for every name. Only listens: without it the elector does
 * the same. What can go stale is asked for at each scrape, so a process that was paused never reports
 * that it leads.
 *
 * @returns A function that ends it and removes the elector's gauges.
 */
export function observeMetrics(elector: MeasuredElector, options: MetricsOptions): () => void {
  const { client, registry = client.register, name = elector.key } = options;
  const metrics = metricsIn(client, registry);
  const forget = metrics.watch(name, elector);

  for (const reason of LOSSES) metrics.transitions.inc({ name, transition: "lost", reason }, 0);
  metrics.transitions.inc({ name, transition: "gained", reason: "elected" }, 0);
  for (const operation of OPERATIONS) {
    for (const kind of KINDS) metrics.errors.inc({ name, operation, kind }, 0);
  }
  for (const result of ["ok", "error"]) metrics.renewDuration.zero({ name, result });
  metrics.duration.zero({ name });
  metrics.failover.zero({ name });

  let endTerm: () => void = () => {};
  const stopListening = [
    elector.on("elected", ({ vacancy }) => {
      metrics.transitions.inc({ name, transition: "gained", reason: "elected" });
      endTerm = metrics.duration.startTimer({ name });
      if (vacancy !== undefined) metrics.failover.observe({ name }, vacancy / 1000);
    }),
    elector.on("deposed", ({ reason }) => {
      metrics.transitions.inc({ name, transition: "lost", reason });
      endTerm();
    }),
    elector.on("renewed", ({ took }) => {
      metrics.renewDuration.observe({ name, result: "ok" }, took / 1000);
    }),
    elector.on("storeError", ({ operation, error, took }) => {
      metrics.errors.inc({ name, operation, kind: kindOf(error.code) });
      if (operation === "renew") {
        metrics.renewDuration.observe({ name, result: "error" }, took / 1000);
      }
    }),
  ];
  return () => {
    for (const stop of stopListening) stop();
    forget();
  };
}

function kindOf(code: ElectorEvents["storeError"]["error"]["code"]): (typeof KINDS)[number] {
  switch (code) {
    case "INCUMBENT_STORE_UNAVAILABLE":
      return "unavailable";
    case "INCUMBENT_STORE_TIMEOUT":
      return "timeout";
    case "INCUMBENT_STORE_REFUSED":
      return "refused";
    case "INCUMBENT_STORE_MISCONFIGURED":
      return "misconfigured";
    case "INCUMBENT_KEY_OCCUPIED":
      return "occupied";
    case "INCUMBENT_MISSING_PACKAGE":
      return "missing";
  }
}
