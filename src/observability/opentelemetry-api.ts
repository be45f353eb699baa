// The part of `@opentelemetry/api` (1.7 and later) that is used. Not its own types, so as not to depend on them.

type Attributes = Record<string, string | number>;

interface Instrument {
  readonly description: string;
  readonly unit: string;
}

/** Adds up; OpenTelemetry's `Counter`. */
export interface OpenTelemetryCounter {
  add(value: number, attributes: Attributes): void;
}

/** Sorts values into buckets; OpenTelemetry's `Histogram`. */
export interface OpenTelemetryHistogram {
  record(value: number, attributes: Attributes): void;
}

interface Observations {
  observe(value: number, attributes: Attributes): void;
}

interface ObservableGauge {
  addCallback(callback: (observations: Observations) => void): void;
}

/**
 * The part of OpenTelemetry's `Meter` that is used.
 * @example
 * metrics.getMeter("incumbent")
 */
export interface OpenTelemetryMeter {
  createCounter(name: string, options: Instrument): OpenTelemetryCounter;
  createHistogram(
    name: string,
    options: Instrument & { readonly advice: { explicitBucketBoundaries: number[] } },
  ): OpenTelemetryHistogram;
  createObservableGauge(name: string, options: Instrument): ObservableGauge;
}

/** OpenTelemetry's `Span`. Times are in ms since 1970. */
export interface OpenTelemetrySpan {
  setAttributes(attributes: Attributes): unknown;
  addEvent(name: string, attributes: Attributes, time: number): unknown;
  setStatus(status: { readonly code: 2; readonly message: string }): unknown;
  end(time?: number): void;
}

/**
 * The part of OpenTelemetry's `Tracer` that is used.
 * @example
 * trace.getTracer("incumbent")
 */
export interface OpenTelemetryTracer {
  startSpan(
    name: string,
    options: {
      readonly root: boolean;
      readonly startTime: number;
      readonly attributes: Attributes;
    },
  ): OpenTelemetrySpan;
}
