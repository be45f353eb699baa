import type { ElectionState, Exit, LossReason, ReleaseOutcome } from "./state.ts";

/** Everything the elector may be asked to do. Times are on the elector's clock, in ms. */
export type Effect =
  | { readonly type: "acquire"; readonly attempt: number; readonly notAfter: number }
  | {
      readonly type: "renew";
      readonly attempt: number;
      readonly token: number;
      readonly notAfter: number;
    }
  | { readonly type: "release"; readonly attempt: number; readonly notAfter: number }
  /** Report that a term begins. */
  | { readonly type: "elected"; readonly attempt: number; readonly token: number }
  /** Report that the term has ended. */
  | { readonly type: "deposed"; readonly attempt: number; readonly reason: LossReason }
  /** The work or the callbacks of a term that is over did not settle in time. */
  | { readonly type: "drain-timeout" }
  /** A voluntary exit is complete. */
  | { readonly type: "departed"; readonly exit: Exit; readonly release: ReleaseOutcome | "none" };

/** What follows from an event: the new state, and the effects to carry out, in order. */
export interface Step {
  readonly state: ElectionState;
  readonly effects: readonly Effect[];
}
