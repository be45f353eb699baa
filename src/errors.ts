import type { Applied } from "./election/event.ts";
import type { LossReason } from "./election/state.ts";
import { redact } from "./redact.ts";

/** Every error code. `docs/reference/errors.md` has a section for each. */
export type IncumbentErrorCode =
  | "INCUMBENT_INVALID_OPTION"
  | "INCUMBENT_ALREADY_STARTED"
  | "INCUMBENT_ALREADY_LEADING"
  | "INCUMBENT_STOPPED"
  | "INCUMBENT_NOT_ELECTED"
  | "INCUMBENT_LEADERSHIP_LOST"
  | "INCUMBENT_STORE_UNAVAILABLE"
  | "INCUMBENT_STORE_TIMEOUT"
  | "INCUMBENT_STORE_REFUSED"
  | "INCUMBENT_STORE_MISCONFIGURED"
  | "INCUMBENT_KEY_OCCUPIED"
  | "INCUMBENT_MISSING_PACKAGE";

// In the global registry, so that two copies of the package in one process recognise each other's errors.
const brand = Symbol.for("incumbent.error");

/**
 * The base class of every error that this package throws or reports.
 *
 * @example
 * try {
 *   await elector.leader();
 * } catch (error) {
 *   if (isIncumbentError(error) && error.code === "INCUMBENT_STORE_TIMEOUT") return "unknown";
 *   throw error;
 * }
 */
export class IncumbentError extends Error {
  /** Stable between versions, unlike the message, which is for people. */
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

/**
 * Returns whether this package created `error`. Unlike `instanceof`, it also recognises the errors of
 * another copy of the package in the same process.
 */
export function isIncumbentError(error: unknown): error is IncumbentError {
  return typeof error === "object" && error !== null && brand in error;
}

/**
 * The `reason` of a term's signal after it was aborted.
 *
 * @example
 * await elector.lead(async ({ signal }) => {
 *   signal.addEventListener("abort", () => console.log(signal.reason.reason)); // "expired"
 *   await work(signal);
 * });
 */
export class LeadershipLostError extends IncumbentError {
  /** Why leadership ended, such as `"expired"` or `"resigned"`. */
  readonly reason: LossReason;

  constructor(key: string, reason: LossReason) {
    super("INCUMBENT_LEADERSHIP_LOST", `No longer the leader of "${key}": ${because[reason]}.`);
    this.reason = reason;
  }
}

const because: Record<LossReason, string> = {
  expired: "the lease ran out while the process was paused or its event loop blocked",
  superseded: "the store no longer holds this lease",
  "store-lost": "the store answered no renewal before the lease ran out",
  resigned: "the elector resigned",
  stopped: "the elector was stopped",
};

/** The codes of a {@link StoreError}. */
export type StoreErrorCode = Extract<
  IncumbentErrorCode,
  `INCUMBENT_STORE_${string}` | "INCUMBENT_KEY_OCCUPIED" | "INCUMBENT_MISSING_PACKAGE"
>;

/**
 * A request to a store failed. The elector emits it as `storeError` and retries. Only requests that your
 * code makes, such as `leader()`, throw it.
 *
 * @example
 * elector.on("storeError", ({ operation, error }) => {
 *   console.error(operation, error.code, error.detail); // acquire INCUMBENT_STORE_TIMEOUT …
 * });
 */
export class StoreError extends IncumbentError {
  declare readonly code: StoreErrorCode;
  /** Whether the request may have taken effect despite the error. */
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

/** Returns the error as a {@link StoreError}. A request that failed for an unknown reason may have been applied. */
export function asStoreError(error: unknown): StoreError {
  if (isIncumbentError(error) && "applied" in error) {
    return error as StoreError; // From this or another copy of the package: the brand and the field identify it.
  }
  const text = error instanceof Error ? error.message : String(error);
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", `The store failed: ${redact(text)}`, {
    cause: error,
    applied: "maybe",
  });
}
