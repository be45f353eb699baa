import type { ElectionEvent } from "../../election/event.ts";
import type { Leftover } from "../../election/state.ts";
import { asStoreError, IncumbentError } from "../../errors.ts";
import type {
  AcquireReply,
  LeaseRecord,
  LeaseStore,
  Refusal,
  RenewReply,
} from "../../stores/lease-store.ts";
import type { Environment } from "../environment.ts";
import type { LoopListener } from "../loop-listener.ts";
import { type Admissions, admissionsOf, type WaitingCandidate } from "./admissions.ts";
import { Attempts } from "./attempts.ts";
import { checkedAcquire, checkedRead, checkedRelease, checkedRenew } from "./checked-store.ts";
import { Outage } from "./outage.ts";
import {
  type RequestContext,
  SentAcquire,
  SentRead,
  SentRelease,
  SentRenew,
  type SentRequest,
  unanswered,
} from "./request.ts";

type WithoutNow<Event> = Event extends unknown ? Omit<Event, "now"> : never;

/** What happens to an election, without the time. */
export type EventWithoutTime = WithoutNow<ElectionEvent>;

/** The loop, as far as answers concern it. */
interface Loop extends WaitingCandidate {
  dispatch(event: EventWithoutTime): void;
  renewed(request: SentRenew): void;
  /** A deadline of a request has come, or gone. */
  armWake(): void;
}

/**
 * Sends what the election asks for, and dispatches the answers. Each request races a deadline of our own: a
 * client may keep a command for minutes (a half-open connection, measured), and no client option revokes one
 * that was written. An answer that comes later goes nowhere.
 */
export class Requests {
  readonly #context: RequestContext;
  readonly #store: LeaseStore;
  readonly #environment: Environment;
  readonly #listener: LoopListener;
  readonly #loop: Loop;
  readonly #attempts = new Attempts();
  /** Made at the first failure. */
  #outage: Outage | undefined;
  readonly #admissions: Admissions;
  #underWay: readonly SentRequest[] = [];
  #largestToken = 0;

  constructor(
    context: RequestContext,
    store: LeaseStore,
    environment: Environment,
    listener: LoopListener,
    loop: Loop,
  ) {
    this.#context = context;
    this.#store = store;
    this.#environment = environment;
    this.#listener = listener;
    this.#loop = loop;
    this.#admissions = admissionsOf(store);
  }

  /** When the first deadline is, if a request is under way. */
  get deadline(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const { notAfter } of this.#underWay) first = Math.min(first, notAfter);
    return first;
  }

  /** When the term of this attempt began, by the store's wall clock. */
  sinceOf(attempt: number): number {
    return this.#attempts.of(attempt).since;
  }

  async acquire(attempt: number, notAfter: number, leftovers: readonly Leftover[]): Promise<void> {
    if (!this.#admissions.tryEnter(this.#loop, this.#environment.maxConcurrentAcquires)) {
      // Refused on behalf of the store, which is not asked; the hint that follows makes up for it.
      this.#loop.dispatch({ type: "refused", attempt, retryIn: undefined, applied: "no" });
      return;
    }
    const begun = this.#attempts.begin(attempt, this.#environment.nonce(), leftovers);
    const request = new SentAcquire(this.#context, notAfter, begun, this.#largestToken);
    this.#begin(request);
    let reply: AcquireReply;
    try {
      reply = checkedAcquire(this.#store, await this.#store.acquire(request));
    } catch (error) {
      return this.#rejected(request, error);
    }
    if (!this.#accept(request)) return;
    if (reply.granted) {
      begun.since = reply.since;
      this.#sawToken(reply.token);
      const { sentAt } = request;
      this.#loop.dispatch({ type: "granted", attempt, token: reply.token, sentAt });
    } else {
      this.#refused(attempt, reply);
    }
  }

  #refused(attempt: number, refusal: Refusal): void {
    const { leader, reason, retryIn, applied = "no" } = refusal;
    if (leader !== undefined) this.#sawToken(leader.token);
    this.#loop.dispatch(
      reason === "late"
        ? { type: "acquire-failed", attempt, applied: "no", jitter: this.#environment.jitter() }
        : { type: "refused", attempt, retryIn, applied },
    );
    this.#listener.refused(refusal);
  }

  /** Without an `async` function: of all requests this is the one that a process makes by the ten thousand. */
  renew(attempt: number, notAfter: number, token: number): void {
    const request = new SentRenew(this.#context, notAfter, this.#attempts.of(attempt), token);
    this.#begin(request);
    let answer: Promise<RenewReply>;
    try {
      answer = Promise.resolve(this.#store.renew(request));
    } catch (error) {
      return void this.#rejected(request, error);
    }
    answer.then(
      (reply) => this.#onRenewReply(request, reply),
      (error: unknown) => void this.#rejected(request, error),
    );
  }

  #onRenewReply(request: SentRenew, answer: unknown): void {
    let reply: RenewReply;
    try {
      reply = checkedRenew(this.#store, answer);
    } catch (error) {
      return void this.#rejected(request, error);
    }
    if (!this.#accept(request)) return;
    const { attempt } = request;
    if (reply.renewed) {
      this.#loop.renewed(request);
    } else {
      this.#loop.dispatch(
        reply.reason === "superseded"
          ? { type: "superseded", attempt }
          : { type: "renew-failed", attempt, jitter: this.#environment.jitter() },
      );
    }
  }

  async release(attempt: number, notAfter: number): Promise<void> {
    const request = new SentRelease(this.#context, notAfter, this.#attempts.of(attempt));
    this.#begin(request);
    try {
      checkedRelease(this.#store, await this.#store.release(request));
    } catch (error) {
      return this.#rejected(request, error);
    }
    if (!this.#accept(request)) return;
    this.#loop.dispatch({ type: "released", attempt, sentAt: request.sentAt });
  }

  /** Reads the lease. Rejects with a `StoreError`, or as stopped. */
  read(notAfter: number): Promise<LeaseRecord | undefined> {
    return new Promise((resolve, reject) => {
      const request = new SentRead(this.#context, notAfter, reject);
      this.#begin(request);
      this.#loop.armWake();
      void this.#read(request, resolve);
    });
  }

  async #read(
    request: SentRead,
    resolve: (leader: LeaseRecord | undefined) => void,
  ): Promise<void> {
    let leader: LeaseRecord | undefined;
    try {
      leader = checkedRead(this.#store, await this.#store.read(request));
    } catch (error) {
      return this.#rejected(request, error);
    }
    if (!this.#accept(request)) return;
    this.#loop.armWake();
    if (leader !== undefined) this.#sawToken(leader.token);
    resolve(leader);
  }

  /** Gives up every request whose time is over. */
  expire(now: number): void {
    if (now < this.deadline) return;
    for (const request of this.#underWay) {
      if (now < request.notAfter) continue;
      // Abort the store's signal first: the store may know why there was no answer, and say so before our next wake.
      if (request.isAwaited) request.giveUp(unanswered());
      else if (this.#end(request)) this.#fail(request, request.givenUpFor);
    }
  }

  /** Waits for no renewal any more. One whose time is over has failed, and is left to {@link expire}. */
  abandonRenewals(): void {
    const now = this.#environment.clock.now();
    this.#abandon(
      this.#underWay.filter(({ operation, notAfter }) => operation === "renew" && now < notAfter),
    );
  }

  /** Waits for nothing any more. */
  abandon(): void {
    this.#admissions.cancel(this.#loop);
    this.#abandon(this.#underWay);
    this.#loop.armWake();
  }

  /** That we stop waiting says nothing about the store, unlike a deadline. */
  #abandon(requests: readonly SentRequest[]): void {
    if (requests.length === 0) return; // An error costs more than all else of a stop.
    const message = "The elector was stopped before the store had answered.";
    const reason = new IncumbentError("INCUMBENT_STOPPED", message);
    for (const request of requests) {
      this.#end(request);
      request.giveUp(reason);
      if (request.operation === "read") request.reject(reason);
    }
  }

  /** Whether its answer counts. */
  #accept(request: SentRequest): boolean {
    if (!this.#end(request)) return false;
    if (request.isAwaited) {
      for (const recovered of this.#outage?.succeeded(request.operation) ?? []) {
        this.#listener.storeRecovered(recovered);
      }
      return true;
    }
    // Its time was over when the answer came.
    this.#fail(request, request.givenUpFor);
    return false;
  }

  async #rejected(request: SentRequest, cause: unknown): Promise<void> {
    await null; // What a store throws at once is a rejection like any other, and no sooner.
    if (this.#end(request)) this.#fail(request, cause);
  }

  #fail(request: SentRequest, cause: unknown): void {
    const { clock, jitter } = this.#environment;
    const { operation, sentAt } = request;
    const error = asStoreError(cause);
    const now = clock.now();
    this.#outage ??= new Outage();
    if (this.#outage.failed(operation, error, sentAt, now)) {
      this.#listener.storeError(operation, error, now - sentAt);
    }
    switch (request.operation) {
      case "acquire": {
        const { attempt } = request;
        const { applied } = error;
        this.#loop.dispatch({ type: "acquire-failed", attempt, applied, jitter: jitter() });
        return;
      }
      case "renew":
        this.#loop.dispatch({ type: "renew-failed", attempt: request.attempt, jitter: jitter() });
        return;
      case "release":
        this.#loop.dispatch({ type: "release-failed", attempt: request.attempt, jitter: jitter() });
        return;
      case "read":
        this.#loop.armWake();
        request.reject(error);
        return;
    }
  }

  #begin(request: SentRequest): void {
    this.#underWay = this.#underWay.concat(request);
  }

  /** Whether it was under way. */
  #end(request: SentRequest): boolean {
    const others = this.#underWay.filter((other) => other !== request);
    if (others.length === this.#underWay.length) return false;
    this.#underWay = others;
    if (request.operation === "acquire") this.#admissions.leave();
    return true;
  }

  #sawToken(token: number): void {
    this.#largestToken = Math.max(this.#largestToken, token);
  }
}
