import { checkOptions, invalid, rejectUnknown } from "../input.ts";
import { type Buckets, defaultBuckets, type MeasuredElector } from "./measurements.ts";
import type { PrometheusClient, PrometheusRegistry } from "./prometheus-client.ts";
import { checkElector, hasMethods, parseName } from "./reporting-options.ts";

/**
 * The upper bounds of the histograms' buckets, in seconds, growing. A histogram that is left out keeps its
 * default.
 * @example
 * { failover: [0.1, 1, 10] }
 */
export interface PrometheusBuckets {
  /**
   * Of `leader_election_renew_duration_seconds`.
   * @defaultValue 1 ms to 10 s
   */
  readonly renewDuration?: readonly number[] | undefined;
  /**
   * Of `leader_election_duration_seconds`.
   * @defaultValue 1 s to 30 days
   */
  readonly duration?: readonly number[] | undefined;
  /**
   * Of `leader_election_failover_seconds`.
   * @defaultValue 5 ms to 2 min
   */
  readonly failover?: readonly number[] | undefined;
}

/** How an elector reports to Prometheus. */
export interface PrometheusOptions {
  /** The `prom-client` that the application uses. */
  readonly client: PrometheusClient;
  /**
   * The value of the label `name`: 1 to 512 bytes that can all be seen, as in a key.
   * @defaultValue the elector's key
   */
  readonly name?: string | undefined;
  /**
   * The registry that has the metrics.
   * @defaultValue the client's own, `client.register`
   */
  readonly registry?: PrometheusRegistry | undefined;
  /** Other bounds for the histograms. The first elector in a registry decides for all of them. */
  readonly buckets?: PrometheusBuckets | undefined;
}

/** Options after checking. */
export interface PrometheusSettings {
  readonly client: PrometheusClient;
  readonly name: string;
  readonly registry: PrometheusRegistry;
  /** `undefined` if the defaults, or those of the first elector, will do. */
  readonly buckets: Buckets | undefined;
}

/** Checks the options. Throws `INCUMBENT_INVALID_OPTION`. */
export function parsePrometheusOptions(
  elector: MeasuredElector,
  options: PrometheusOptions,
): PrometheusSettings {
  checkElector(elector);
  checkOptions(options, ["client", "name", "registry", "buckets"], "{ client }");
  const client = checkClient(options.client);
  // Defaults are for what was left out; null is a mistake like any other.
  const { registry = client.register, buckets } = options;
  return {
    client,
    name: parseName(elector, options),
    registry: checkRegistry(registry),
    buckets: buckets === undefined ? undefined : parseBuckets(buckets),
  };
}

function checkClient(client: PrometheusClient): PrometheusClient {
  if (hasMethods(client, "Counter", "Gauge", "Histogram")) return client;
  const example = 'import * as client from "prom-client"';
  throw invalid({ name: "client", rule: "must be the module prom-client", value: client, example });
}

function checkRegistry(registry: PrometheusRegistry): PrometheusRegistry {
  if (hasMethods(registry, "registerMetric", "getSingleMetric")) return registry;
  const example = "new client.Registry()";
  throw invalid({ name: "registry", rule: "must be a registry", value: registry, example });
}

function parseBuckets(given: PrometheusBuckets): Buckets {
  const example = "{ failover: [0.1, 1, 10] }";
  if (typeof given !== "object" || given === null) {
    throw invalid({ name: "buckets", rule: "must be an object", value: given, example });
  }
  rejectUnknown("histogram", given, Object.keys(defaultBuckets));
  const bounds = (name: keyof Buckets): readonly number[] => {
    const { [name]: value = defaultBuckets[name] } = given;
    if (areBounds(value)) return value;
    const rule = "must be an array of growing numbers above 0, in seconds";
    throw invalid({ name: `buckets.${name}`, rule, value, example: "[0.1, 1, 10]" });
  };
  return {
    renewDuration: bounds("renewDuration"),
    duration: bounds("duration"),
    failover: bounds("failover"),
  };
}

function areBounds(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0) return false;
  return value.every(
    (bound, index) => Number.isFinite(bound) && bound > (index === 0 ? 0 : value[index - 1]),
  );
}
