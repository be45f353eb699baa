import type { IncumbentError } from "../errors.ts";
import { invalid } from "../input.ts";
import { counterSeries, histogramSeries, type Labels, type Recorder } from "./measure.ts";
import { MeasuredElectors } from "./measured-electors.ts";
import {
  type Buckets,
  type CounterName,
  counters,
  defaultBuckets,
  type GaugeMeasurement,
  gauges,
  type HistogramName,
  histograms,
  type MeasuredElector,
  type Measurement,
} from "./measurements.ts";
import type {
  PrometheusCounter,
  PrometheusHistogram,
  PrometheusRegistry,
} from "./prometheus-client.ts";
import type { PrometheusSettings } from "./prometheus-options.ts";

const nameOf = ({ name }: Measurement) => name.replaceAll(".", "_");
const counterNameOf = (counter: Measurement) => `${nameOf(counter)}_total`;

/** What the metrics are called in a registry. */
const metricNames = [
  ...Object.values(counters).map(counterNameOf),
  ...[...Object.values(histograms), ...Object.values(gauges)].map(nameOf),
];

/**
 * Where a registry carries our metrics. Registered, so that another copy of this package in the process (after
 * a hot reload, or of another dependency) finds them there and counts in the same series. The number changes
 * whenever {@link PrometheusMetrics} does.
 */
const ours = Symbol.for("incumbent.prometheus.1");

interface Carrier extends PrometheusRegistry {
  [ours]?: PrometheusMetrics;
}

/** The metrics in this registry; made when they are first asked for. */
export function metricsIn(settings: PrometheusSettings): PrometheusMetrics {
  const { registry, buckets } = settings;
  const carrier: Carrier = registry;
  const present = metricNames.filter((name) => registry.getSingleMetric(name) !== undefined);
  // They are no longer in a registry that was cleared.
  const existing = present.length === metricNames.length ? carrier[ours] : undefined;
  if (existing === undefined) {
    if (present.length > 0) throw taken(registry);
    const metrics = new PrometheusMetrics(settings);
    Object.defineProperty(carrier, ours, { value: metrics, configurable: true });
    return metrics;
  }
  if (buckets === undefined || JSON.stringify(buckets) === JSON.stringify(existing.buckets)) {
    return existing;
  }
  throw invalid({
    name: "buckets",
    rule: "must be those of the first elector in this registry",
    value: buckets,
    example: "leave it out, except for the first elector",
  });
}

/** By another version of this package, or by a library that uses the same names. */
function taken(registry: PrometheusRegistry): IncumbentError {
  return invalid({
    name: "registry",
    rule: "must have no other metrics that begin with leader_election_",
    value: registry,
    example: "new client.Registry()",
  });
}

/** The metrics of one registry, shared by all electors that report there. */
class PrometheusMetrics implements Recorder {
  readonly buckets: Buckets;
  readonly #counters: Readonly<Record<CounterName, PrometheusCounter>>;
  readonly #histograms: Readonly<Record<HistogramName, PrometheusHistogram>>;
  readonly #electors = new MeasuredElectors();
  readonly #begun = new Set<string>();

  constructor({ client, registry, buckets = defaultBuckets }: PrometheusSettings) {
    const describe = ({ help, labels }: Measurement) => ({
      help,
      labelNames: ["name", ...labels],
      registers: [registry as never], // The application's own registry, whatever its exact type.
    });
    const counter = (measurement: Measurement) =>
      new client.Counter({ name: counterNameOf(measurement), ...describe(measurement) });
    const histogram = (name: HistogramName) =>
      new client.Histogram({
        name: nameOf(histograms[name]),
        ...describe(histograms[name]),
        buckets: [...buckets[name]],
      });
    this.buckets = buckets;
    this.#counters = {
      transitions: counter(counters.transitions),
      errors: counter(counters.errors),
    };
    this.#histograms = {
      duration: histogram("duration"),
      renewDuration: histogram("renewDuration"),
      failover: histogram("failover"),
    };
    for (const gauge of Object.values<GaugeMeasurement>(gauges)) {
      const collect = () => {
        made.reset(); // An elector that has left leaves no value.
        for (const name of this.#electors.names()) {
          made.set({ name }, this.#electors.read(name, gauge));
        }
      };
      const { aggregator } = gauge;
      const made = new client.Gauge({
        name: nameOf(gauge),
        ...describe(gauge),
        aggregator,
        collect,
      });
    }
  }

  count(counter: CounterName, labels: Labels, amount: number): void {
    this.#counters[counter].inc(labels, amount);
  }

  record(histogram: HistogramName, labels: Labels, seconds: number): void {
    this.#histograms[histogram].observe(labels, seconds);
  }

  /** Begins every series of this name, and reads the elector's gauges until the returned function is called. */
  add(name: string, elector: MeasuredElector): () => void {
    this.#begin(name);
    return this.#electors.add(name, elector);
  }

  /** Once for each name: a second zero would take from a histogram what it has counted. */
  #begin(name: string): void {
    if (this.#begun.has(name)) return;
    this.#begun.add(name);
    for (const { of, labels } of counterSeries(name)) this.#counters[of].inc(labels, 0);
    for (const { of, labels } of histogramSeries(name)) this.#histograms[of].zero(labels);
  }
}
