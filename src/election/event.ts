/** Whether a failed request may have taken effect all the same. */
export type Applied = "no" | "maybe";

interface At {
  /** The moment it is looked at, on the elector's clock, in ms. */
  readonly now: number;
}

interface Answer extends At {
  /** The attempt that the answer belongs to. */
  readonly attempt: number;
}

interface Failure extends Answer {
  /** A random number from 0 to 1: the machine itself has no randomness. */
  readonly jitter: number;
}

/** Everything that can happen to an elector. */
export type ElectionEvent =
  | ({ readonly type: "start" } & At)
  | ({ readonly type: "stop" } & At)
  | ({ readonly type: "resign" } & At)
  | ({ readonly type: "wake" } & At)
  | ({ readonly type: "hint" } & At)
  | ({ readonly type: "work-started" } & At)
  | ({ readonly type: "work-settled" } & At)
  /** All callbacks have been called for a loss; `pending` promises that they returned have not settled. */
  | ({ readonly type: "loss-reported"; readonly pending: number } & At)
  /** Every promise that a callback returned has settled. */
  | ({ readonly type: "callbacks-settled" } & At)
  | ({ readonly type: "granted"; readonly token: number; readonly sentAt: number } & Answer)
  | ({
      readonly type: "refused";
      readonly retryIn: number | undefined;
      readonly applied: Applied;
    } & Answer)
  | ({ readonly type: "acquire-failed"; readonly applied: Applied } & Failure)
  | ({ readonly type: "renewed"; readonly sentAt: number } & Answer)
  | ({ readonly type: "superseded" } & Answer)
  | ({ readonly type: "renew-failed" } & Failure)
  | ({ readonly type: "released"; readonly sentAt: number } & Answer)
  | ({ readonly type: "release-failed" } & Failure);
