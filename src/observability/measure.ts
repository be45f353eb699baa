import type { LossReason } from "../election/state.ts";
import type { EventSource, StoreOperation } from "../elector/events.ts";
import type { StoreErrorCode } from "../errors.ts";
import type { CounterName, HistogramName } from "./measurements.ts";

/** The values of a measurement's labels. */
export type Labels = Readonly<Record<string, string>>;

/** Where measured values go: an exporter. */
export interface Recorder {
  count(counter: CounterName, labels: Labels, amount: number): void;
  record(histogram: HistogramName, labels: Labels, seconds: number): void;
}

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

/** One series of a measurement: one combination of its labels. */
export interface Series<Name> {
  readonly of: Name;
  readonly labels: Labels;
}

/**
 * The counted series of the election with this name. An exporter begins each with a zero, since a rate does not see
 * the step from nothing to one.
 */
export function counterSeries(name: string): Series<CounterName>[] {
  const reasons = Object.keys(lossReasons);
  const losses = reasons.map((reason) => ({ name, transition: "lost", reason }));
  const gain = { name, transition: "gained", reason: "elected" };
  const errors = Object.keys(operations).flatMap((operation) =>
    Object.values(kinds).map((kind) => ({ name, operation, kind })),
  );
  return [
    ...[gain, ...losses].map((labels) => ({ of: "transitions", labels }) as const),
    ...errors.map((labels) => ({ of: "errors", labels }) as const),
  ];
}

/** The timed series of the election with this name. */
export function histogramSeries(name: string): Series<HistogramName>[] {
  return [
    { of: "duration", labels: { name } },
    { of: "renewDuration", labels: { name, result: "ok" } },
    { of: "renewDuration", labels: { name, result: "error" } },
    { of: "failover", labels: { name } },
  ];
}

/**
 * Measures an elector until the returned function is called. Only listens: without it the elector does the same.
 * What can go stale, the gauges, is for the exporter to read.
 */
export function measure(elector: EventSource, name: string, recorder: Recorder): () => void {
  const stops = [
    elector.on("elected", ({ vacancy }) => {
      recorder.count("transitions", { name, transition: "gained", reason: "elected" }, 1);
      if (vacancy !== undefined) recorder.record("failover", { name }, vacancy / 1000);
    }),
    elector.on("deposed", ({ reason, lasted }) => {
      recorder.count("transitions", { name, transition: "lost", reason }, 1);
      recorder.record("duration", { name }, lasted / 1000);
    }),
    elector.on("renewed", ({ took }) => {
      recorder.record("renewDuration", { name, result: "ok" }, took / 1000);
    }),
    elector.on("storeError", ({ operation, error, took }) => {
      recorder.count("errors", { name, operation, kind: kinds[error.code] }, 1);
      if (operation === "renew") {
        recorder.record("renewDuration", { name, result: "error" }, took / 1000);
      }
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}
