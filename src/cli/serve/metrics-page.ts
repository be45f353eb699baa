import type { Elector } from "../../elector/elector.ts";
import { reportToPrometheus } from "../../observability/prometheus.ts";
import type { PrometheusClient } from "../../observability/prometheus-client.ts";
import { optionalPackage } from "../../optional-package.ts";

interface PromClient extends PrometheusClient {
  readonly Registry: new () => PrometheusClient["register"] & {
    readonly contentType: string;
    metrics(): Promise<string>;
  };
}

/** The metrics of this elector in the Prometheus format, or a hint if `prom-client` is not installed. */
export function metricsPage(elector: Elector): () => Promise<{ type: string; body: string }> {
  const client = loadPromClient();
  if (client === undefined) {
    const body = "# For metrics, install the package: npm install prom-client\n";
    return async () => ({ type: "text/plain", body });
  }
  const registry = new client.Registry();
  reportToPrometheus(elector, { client, registry });
  return async () => ({ type: registry.contentType, body: await registry.metrics() });
}

function loadPromClient(): PromClient | undefined {
  try {
    return optionalPackage("prom-client") as PromClient | undefined; // The type of prom-client, by its documentation.
  } catch {
    // Missing metrics must not prevent an election.
    return undefined;
  }
}
