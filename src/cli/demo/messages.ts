/** A message of a candidate. Times are in ms on a clock that all processes share; see `sharedNow`. */
export type FromCandidate =
  | { readonly type: "elected"; readonly at: number; readonly token: number }
  | {
      readonly type: "deposed";
      readonly at: number;
      readonly token: number;
      readonly reason: string;
    }
  /** The result of `isLeader()`. Sent each time that it is true, and when it changes. */
  | { readonly type: "look"; readonly at: number; readonly leads: boolean }
  | { readonly type: "quarantined"; readonly at: number; readonly retryIn: number }
  | { readonly type: "store-error"; readonly at: number; readonly message: string };

export type ToCandidate = "resign" | "stop";

/** Monotonic in a process, and comparable between processes unless the clock was set between their starts. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
