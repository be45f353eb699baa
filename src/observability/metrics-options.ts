import type { EventSource } from "../elector/events.ts";
import { invalid, rejectUnknown, visibleName } from "../input.ts";
import type { MetricsClient, MetricsRegistry } from "./metrics-client.ts";

/** The part of an elector that metrics look at. */
export interface MeasuredElector extends EventSource {
  readonly key: string;
  isLeader(): boolean;
  readonly term: { readonly token: number; remaining(): number } | undefined;
}

/** The upper bounds of the histograms, in seconds, growing. */
export interface MetricsBuckets {
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

/** Where the metrics of an elector go. */
export interface MetricsOptions {
  /** The `prom-client` that the application uses. */
  readonly client: MetricsClient;
  /**
   * The value of the label `name`: 1 to 512 bytes that can all be seen, as in a key.
   * @defaultValue the elector's key
   */
  readonly name?: string | undefined;
  /**
   * Which registry has them.
   * @defaultValue the client's own, `client.register`
   */
  readonly registry?: MetricsRegistry | undefined;
  /** Other bounds for the histograms. The first elector in a registry decides for all of them. */
  readonly buckets?: MetricsBuckets | undefined;
}

/** The bounds of every histogram. */
export type Buckets = { readonly [Name in keyof MetricsBuckets]-?: readonly number[] };

/** Options after checking. */
export interface MetricsSettings {
  readonly client: MetricsClient;
  readonly name: string;
  readonly registry: MetricsRegistry;
  /** Nothing where the defaults, or those of the first elector, will do. */
  readonly buckets: Buckets | undefined;
}

/** The bounds where nobody says anything else. */
export const defaultBuckets: Buckets = {
  renewDuration: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  duration: [1, 10, 60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000],
  failover: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120],
};

/** Checks the options. Throws `INCUMBENT_INVALID_OPTION`. */
export function parseMetricsOptions(
  elector: MeasuredElector,
  options: MetricsOptions,
): MetricsSettings {
  if (!hasMethods(elector, "on", "isLeader")) {
    const usual = 'new RedisElector(client, "billing:scheduler")';
    throw invalid({ name: "elector", rule: "must be an elector", value: elector, usual });
  }
  checkObject("options", options, "{ client }");
  rejectUnknown("option", options, ["client", "name", "registry", "buckets"]);
  const client = checkClient(options.client);
  // Defaults are for what was left out; null is a mistake like any other.
  const { name = elector.key, registry = client.register, buckets } = options;
  return {
    client,
    name: visibleName("name", name, { least: 1, most: 512, usual: '"billing:scheduler"' }),
    registry: checkRegistry(registry),
    buckets: buckets === undefined ? undefined : parseBuckets(buckets),
  };
}

function checkClient(client: MetricsClient): MetricsClient {
  if (hasMethods(client, "Counter", "Gauge", "Histogram")) return client;
  const usual = 'import * as client from "prom-client"';
  throw invalid({ name: "client", rule: "must be the module prom-client", value: client, usual });
}

function checkRegistry(registry: MetricsRegistry): MetricsRegistry {
  if (hasMethods(registry, "registerMetric", "getSingleMetric")) return registry;
  const usual = "new client.Registry()";
  throw invalid({ name: "registry", rule: "must be a registry", value: registry, usual });
}

function parseBuckets(given: MetricsBuckets): Buckets {
  const usual = "{ failover: [0.1, 1, 10] }";
  checkObject("buckets", given, usual);
  rejectUnknown("histogram", given, Object.keys(defaultBuckets));
  const bounds = (name: keyof Buckets): readonly number[] => {
    const { [name]: value = defaultBuckets[name] } = given;
    if (areBounds(value)) return value;
    const rule = "must be an array of growing numbers above 0, in seconds";
    throw invalid({ name: `buckets.${name}`, rule, value, usual: "[0.1, 1, 10]" });
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

function checkObject(name: string, value: object, usual: string): void {
  if (typeof value === "object" && value !== null) return;
  throw invalid({ name, rule: "must be an object", value, usual });
}

function hasMethods(value: unknown, ...methods: string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  // Only looked at: whether each is a function.
  return methods.every(
    (method) => typeof (value as Record<string, unknown>)[method] === "function",
  );
}
