import { type IncumbentError, StoreError } from "../../errors.ts";
import type {
  AcquireRequest,
  ReleaseRequest,
  RenewRequest,
  StoreRequest,
} from "../../stores/lease-store.ts";
import type { Settings } from "../options.ts";
import type { Clock } from "../time/clock.ts";
import type { Attempt } from "./attempts.ts";

/** Who asks: the same in every request of an elector. */
export interface RequestContext {
  readonly key: string;
  readonly clock: Clock;
  readonly settings: Settings;
}

/** A request on its way to the store. */
class Sent implements StoreRequest {
  readonly key: string;
  readonly clock: Clock;
  readonly notAfter: number;
  readonly sentAt: number;
  declare readonly signal: AbortSignal;
  #controller: AbortController | undefined;
  #givenUpFor: IncumbentError | undefined;

  constructor({ key, clock }: RequestContext, notAfter: number) {
    this.key = key;
    this.clock = clock;
    this.notAfter = notAfter;
    this.sentAt = clock.now();
    Object.defineProperty(this, "signal", Sent.#signal);
  }

  /**
   * Made when it is first read: it costs more than everything else in a renewal. A property of the request's
   * own, so that a store that wraps another may pass on a copy.
   */
  static readonly #signal = {
    enumerable: true,
    get(this: Sent): AbortSignal {
      this.#controller ??= new AbortController();
      if (this.#givenUpFor !== undefined) this.#controller.abort(this.#givenUpFor);
      return this.#controller.signal;
    },
  };

  get isAwaited(): boolean {
    return this.#givenUpFor === undefined;
  }

  get givenUpFor(): IncumbentError | undefined {
    return this.#givenUpFor;
  }

  /** Only the first reason counts. */
  giveUp(reason: IncumbentError): void {
    if (this.#givenUpFor !== undefined) return;
    this.#givenUpFor = reason;
    this.#controller?.abort(reason);
  }
}

export class SentRead extends Sent {
  readonly operation = "read";
  readonly reject: (error: unknown) => void;

  constructor(context: RequestContext, notAfter: number, reject: (error: unknown) => void) {
    super(context, notAfter);
    this.reject = reject;
  }
}

class SentOfAttempt extends Sent {
  /** The number that the election gave the attempt. */
  readonly attempt: number;
  readonly nonce: string;

  constructor(context: RequestContext, notAfter: number, { number, nonce }: Attempt) {
    super(context, notAfter);
    this.attempt = number;
    this.nonce = nonce;
  }
}

export class SentRelease extends SentOfAttempt implements ReleaseRequest {
  readonly operation = "release";
}

class SentOfHolder extends SentOfAttempt {
  readonly nodeId: string;
  readonly metadata: string | undefined;
  readonly ttl: number;

  constructor(context: RequestContext, notAfter: number, attempt: Attempt) {
    super(context, notAfter, attempt);
    const { nodeId, metadata, timing } = context.settings;
    this.nodeId = nodeId;
    this.metadata = metadata;
    this.ttl = timing.ttl;
  }
}

export class SentAcquire extends SentOfHolder implements AcquireRequest {
  readonly operation = "acquire";
  readonly above: number;

  constructor(context: RequestContext, notAfter: number, attempt: Attempt, above: number) {
    super(context, notAfter, attempt);
    this.above = above;
  }
}

export class SentRenew extends SentOfHolder implements RenewRequest {
  readonly operation = "renew";
  readonly token: number;

  constructor(context: RequestContext, notAfter: number, attempt: Attempt, token: number) {
    super(context, notAfter, attempt);
    this.token = token;
  }
}

/** A request, by its `operation`. */
export type SentRequest = SentRead | SentRelease | SentAcquire | SentRenew;

/** The error of a request whose time was over before the store had answered. */
export function unanswered(): StoreError {
  const message = "The store did not answer in time.";
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "maybe" });
}
