import type { Applied } from "./election/event.ts";
import type { LossReason } from "./election/state.ts";
import { redact } from "./redact.ts";

/** Every code, each with its section in `docs/reference/errors.md`. */
export type IncumbentErrorCode =
  | "INCUMBENT_INVALID_OPTION"
  | "INCUMBENT_ALREADY_STARTED"
  | "INCUMBENT_ALREADY_LEADING"
  | "INCUMBENT_STOPPED"
  | "INCUMBENT_LEADERSHIP_LOST"
  | "INCUMBENT_STORE_UNAVAILABLE"
  | "INCUMBENT_STORE_TIMEOUT"
  | "INCUMBENT_STORE_REFUSED"
  | "INCUMBENT_STORE_MISCONFIGURED"
  | "INCUMBENT_KEY_OCCUPIED"
  | "INCUMBENT_MISSING_PACKAGE";

// Registered, so that two copies of the package in one process recognise each other's errors.
const brand = Symbol.for("incumbent.error");

/** The base of every error of this package. `code` is stable; the message is for people. */
export class IncumbentError extends Error {
  readonly code: IncumbentErrorCode;

  constructor(code: IncumbentErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }

  static {
    Object.defineProperty(IncumbentError.prototype, brand, { value: true });
  }
}

/** Whether `error` comes from this package, also from another copy of it. */
export function isIncumbentError(error: unknown): error is IncumbentError {
  return typeof error === "object" && error !== null && brand in error;
}

/** The reason of a term's aborted signal. */
export class LeadershipLostError extends IncumbentError {
  readonly reason: LossReason;

  constructor(key: string, reason: LossReason) {
    super("INCUMBENT_LEADERSHIP_LOST", `No longer the leader of "${key}": ${because[reason]}.`);
    this.reason = reason;
  }
}

const because: Record<LossReason, string> = {
  expired: "the lease ran out while the process was paused or its event loop blocked",
  superseded: "the store has the lease under another holder, or none",
  "store-lost": "no renewal was answered before the lease ran out",
  resigned: "it resigned",
  stopped: "the elector was stopped",
};

/** The codes of a {@link StoreError}. */
export type StoreErrorCode = Extract<
  IncumbentErrorCode,
  `INCUMBENT_STORE_${string}` | "INCUMBENT_KEY_OCCUPIED" | "INCUMBENT_MISSING_PACKAGE"
>;

/**
 * A request to a store that failed. Electors report it as the event `storeError` and go on trying;
 * only the requests that a caller makes himself (`leader()`) throw it.
 */
export class StoreError extends IncumbentError {
  declare readonly code: StoreErrorCode;
  /** Whether the request may have taken effect all the same. */
  readonly applied: Applied;
  /** What happened, without the sentence around it: `"connection refused"`. The message if it was not given. */
  readonly detail: string;

  constructor(
    code: StoreErrorCode,
    message: string,
    options: ErrorOptions & { readonly applied: Applied; readonly detail?: string },
  ) {
    super(code, message, options);
    this.applied = options.applied;
    this.detail = options.detail ?? message.replace(/\.$/, "");
  }
}

/** The error as a {@link StoreError}; one of unknown kind may have been applied. */
export function asStoreError(error: unknown): StoreError {
  if (isIncumbentError(error) && "applied" in error) {
    return error as StoreError; // Of this or another copy: the brand and the field say what it is.
  }
  const text = error instanceof Error ? error.message : String(error);
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", `The store failed: ${redact(text)}`, {
    cause: error,
    applied: "maybe",
  });
}
