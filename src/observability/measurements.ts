import type { EventSource } from "../elector/events.ts";

/** The part of an elector that is measured. */
export interface MeasuredElector extends EventSource {
  readonly key: string;
  isLeader(): boolean;
  readonly term: { readonly token: number; remaining(): number } | undefined;
}

/** One measurement, described for every exporter. */
export interface Measurement {
  /** As OpenTelemetry writes it. Prometheus has `_` instead of each dot. */
  readonly name: string;
  /** `s`, or what is counted, in braces. */
  readonly unit: string;
  readonly help: string;
  /** Beside `name`, the name of the election, which every measurement has. */
  readonly labels: readonly string[];
}

/** Counted from the start of the process on. */
export const counters = {
  transitions: {
    name: "leader_election.transitions",
    unit: "{transition}",
    help: "Gains and losses of leadership.",
    labels: ["transition", "reason"],
  },
  errors: {
    name: "leader_election.errors",
    unit: "{error}",
    help: "Requests to the store that failed.",
    labels: ["operation", "kind"],
  },
} as const satisfies Record<string, Measurement>;

// The unit is part of these names. An exporter that adds it, as the OpenTelemetry Collector does, does not
// repeat it, and the Prometheus exporter of the OpenTelemetry SDK for JavaScript does not add it.
/** Durations in seconds, sorted into buckets. */
export const histograms = {
  duration: {
    name: "leader_election.duration_seconds",
    unit: "s",
    help: "How long terms of this process lasted.",
    labels: [],
  },
  renewDuration: {
    name: "leader_election.renew.duration_seconds",
    unit: "s",
    help: "How long renewals took.",
    labels: ["result"],
  },
  failover: {
    name: "leader_election.failover_seconds",
    unit: "s",
    help: "How long there had been no leader before this process was elected, as far as it saw.",
    labels: [],
  },
} as const satisfies Record<string, Measurement>;

/** Read from the elector whenever an exporter asks. */
export interface GaugeMeasurement extends Measurement {
  /** How the values of electors with the same name become one. */
  readonly aggregator: "sum" | "max";
  readonly read: (elector: MeasuredElector) => number;
}

/** The values of this moment. A stored value would still say "leader" after a pause that outlasts the lease. */
export const gauges = {
  masterStatus: {
    name: "leader_election.master_status",
    unit: "{leader}",
    help: "1 while this process leads, else 0.",
    labels: [],
    aggregator: "sum",
    read: (elector) => (elector.isLeader() ? 1 : 0),
  },
  fencingToken: {
    name: "leader_election.fencing_token",
    unit: "{token}",
    help: "The fencing token of this process's term; 0 while it does not lead.",
    labels: [],
    aggregator: "max",
    read: ({ term }) => term?.token ?? 0,
  },
  leaseRemaining: {
    name: "leader_election.lease.remaining_seconds",
    unit: "s",
    help: "How long this process may trust its lease without a renewal; 0 while it does not lead.",
    labels: [],
    aggregator: "max",
    read: ({ term }) => (term?.remaining() ?? 0) / 1000,
  },
} as const satisfies Record<string, GaugeMeasurement>;

/** The counters by their short names. */
export type CounterName = keyof typeof counters;
/** The histograms by their short names. */
export type HistogramName = keyof typeof histograms;

/** The upper bounds of every histogram's buckets, in seconds, growing. */
export type Buckets = { readonly [Name in HistogramName]: readonly number[] };

/** The bounds that an exporter uses unless it is given others. */
export const defaultBuckets: Buckets = {
  renewDuration: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  duration: [1, 10, 60, 600, 3600, 21_600, 86_400, 604_800, 2_592_000],
  failover: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120],
};
