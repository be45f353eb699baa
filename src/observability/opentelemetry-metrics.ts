import { counterSeries, type Labels, type Recorder } from "./measure.ts";
import { MeasuredElectors } from "./measured-electors.ts";
import {
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
  OpenTelemetryCounter,
  OpenTelemetryHistogram,
  OpenTelemetryMeter,
} from "./opentelemetry-api.ts";

/**
 * Where a meter carries our instruments. Registered, so that another copy of this package in the process (after
 * a hot reload, or of another dependency) finds them there: two callbacks of one gauge would overwrite each
 * other's values. The number changes whenever {@link OpenTelemetryMetrics} does.
 */
const ours = Symbol.for("incumbent.opentelemetry.1");

interface Carrier extends OpenTelemetryMeter {
  [ours]?: OpenTelemetryMetrics;
}

/** The instruments of this meter; made when they are first asked for. */
export function metricsOf(meter: OpenTelemetryMeter): OpenTelemetryMetrics {
  const carrier: Carrier = meter;
  const existing = carrier[ours];
  if (existing !== undefined) return existing;
  const metrics = new OpenTelemetryMetrics(meter);
  Object.defineProperty(carrier, ours, { value: metrics });
  return metrics;
}

/** The instruments of one meter, shared by all electors that report there. */
class OpenTelemetryMetrics implements Recorder {
  readonly #counters: Readonly<Record<CounterName, OpenTelemetryCounter>>;
  readonly #histograms: Readonly<Record<HistogramName, OpenTelemetryHistogram>>;
  readonly #electors = new MeasuredElectors();
  /** Every name that there was. The SDK repeats the last value of a series for ever, so 0 must be the last. */
  readonly #names = new Set<string>();

  constructor(meter: OpenTelemetryMeter) {
    const describe = ({ help, unit }: Measurement) => ({ description: help, unit });
    const counter = (measurement: Measurement) =>
      meter.createCounter(measurement.name, describe(measurement));
    const histogram = (name: HistogramName) =>
      meter.createHistogram(histograms[name].name, {
        ...describe(histograms[name]),
        advice: { explicitBucketBoundaries: [...defaultBuckets[name]] },
      });
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
      meter.createObservableGauge(gauge.name, describe(gauge)).addCallback((observations) => {
        for (const name of this.#names) {
          observations.observe(this.#electors.read(name, gauge), { name });
        }
      });
    }
  }

  count(counter: CounterName, labels: Labels, amount: number): void {
    this.#counters[counter].add(amount, labels);
  }

  record(histogram: HistogramName, labels: Labels, seconds: number): void {
    this.#histograms[histogram].record(seconds, labels);
  }

  /** Begins every counter of this name, and reads the elector's gauges until the returned function is called. */
  add(name: string, elector: MeasuredElector): () => void {
    for (const { of, labels } of counterSeries(name)) this.count(of, labels, 0);
    this.#names.add(name);
    return this.#electors.add(name, elector);
  }
}
