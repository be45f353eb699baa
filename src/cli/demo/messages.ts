/** Times are in ms on a clock that all processes of the machine share; see `sharedNow`. */
export type FromCandidate =
  | { readonly type: "elected"; readonly at: number; readonly token: number }
  | {
      readonly type: "deposed";
      readonly at: number;
      readonly token: number;
      readonly reason: string;
    }
  /** What `isLeader()` said. Sent at every look that says yes, and when the answer changes. */
  | { readonly type: "look"; readonly at: number; readonly leads: boolean }
  | { readonly type: "quarantined"; readonly at: number; readonly retryIn: number }
  | { readonly type: "store-error"; readonly at: number; readonly message: string };

export type ToCandidate = "resign" | "stop";

/** Monotonic within a process, and comparable between processes that started without a clock jump. */
export function sharedNow(): number {
  return performance.timeOrigin + performance.now();
}
