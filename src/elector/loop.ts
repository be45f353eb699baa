import type { Effect } from "../election/effect.ts";
import type { ElectionEvent } from "../election/event.ts";
import {
  type ElectionState,
  type Exit,
  holds,
  initialState,
  isLeading,
  nextWake,
} from "../election/state.ts";
import { step } from "../election/step.ts";
import { asStoreError, type StoreError } from "../errors.ts";
import type { AcquireReply, LeaseRecord, RenewReply } from "../stores/lease-store.ts";
import { Attempts } from "./attempts.ts";
import type { CheckedStore } from "./checked-store.ts";
import type { Environment } from "./environment.ts";
import type { StoreOperation } from "./events.ts";
import type { Departure, LoopListener } from "./loop-listener.ts";
import type { Settings } from "./options.ts";
import { Outage } from "./outage.ts";
import { Requests, wasAbandoned } from "./requests.ts";
import { Waiters } from "./waiters.ts";

type WithoutNow<Event> = Event extends unknown ? Omit<Event, "now"> : never;

/**
 * Carries out what the election decides: one state, one timer, and the requests on their way. Every
 * decision is in `election/`; here is only what needs a clock, a store or an await.
 */
export class ElectionLoop {
  readonly #key: string;
  readonly #settings: Settings;
  readonly #store: CheckedStore;
  readonly #environment: Environment;
  readonly #listener: LoopListener;
  readonly #requests: Requests;
  readonly #renewals: Requests;
  readonly #attempts = new Attempts();
  readonly #resigning = new Waiters<Departure>();
  readonly #stopping = new Waiters<Departure>();
  readonly #outage = new Outage();
  readonly #effects: Effect[] = [];
  #state: ElectionState = initialState;
  #performing = false;
  #cancelWake: () => void = () => {};
  #largestToken = 0;

  constructor(
    key: string,
    settings: Settings,
    store: CheckedStore,
    environment: Environment,
    listener: LoopListener,
  ) {
    this.#key = key;
    this.#settings = settings;
    this.#store = store;
    this.#environment = environment;
    this.#listener = listener;
    this.#requests = new Requests(environment.clock);
    this.#renewals = new Requests(environment.clock);
  }

  get role(): ElectionState["role"] {
    return this.#state.role;
  }

  isLeading(): boolean {
    return isLeading(this.#state, this.#environment.clock.now());
  }

  #remaining(token: number): number {
    const now = this.#environment.clock.now();
    return isLeading(this.#state, now) && this.#state.lease.token === token
      ? this.#state.lease.trustedUntil - now
      : 0;
  }

  /** The largest token seen of this election. */
  sawToken(token: number): void {
    this.#largestToken = Math.max(this.#largestToken, token);
  }

  dispatch(event: WithoutNow<ElectionEvent>): void {
    const now = this.#environment.clock.now();
    const { state, effects } = step(this.#settings.timing, this.#state, { ...event, now });
    this.#state = state;
    this.#effects.push(...effects);
    // A callback brought us here: what follows from it comes after what is being reported now. The state
    // is new at once, so isLeader() is never behind.
    if (this.#performing) return;
    this.#performing = true;
    for (let next = this.#effects.shift(); next !== undefined; next = this.#effects.shift()) {
      this.#perform(next);
    }
    this.#performing = false;
    this.#armWake();
  }

  /** Ends the term, if there is one, and stays a candidate. */
  resign(): Promise<Departure> {
    this.dispatch({ type: "resign" });
    const { role } = this.#state;
    const isLeaving = role === "draining" || role === "releasing";
    return isLeaving ? this.#resigning.wait() : Promise.resolve("none");
  }

  /** Leaves the election. */
  stop(): Promise<Departure> {
    const departure = this.#stopping.wait();
    this.dispatch({ type: "stop" });
    return departure;
  }

  /** Calls `fire` in `delay` ms; the returned function prevents it. */
  timer(delay: number, fire: () => void): () => void {
    return this.#environment.clock.timer(this.#environment.clock.now() + delay, fire);
  }

  /** Reads the lease. Rejects with a `StoreError`, or as stopped. */
  async read(): Promise<LeaseRecord | undefined> {
    const { clock } = this.#environment;
    const sentAt = clock.now();
    const notAfter = sentAt + this.#settings.timing.renewalInterval;
    try {
      const leader = await this.#requests.race(notAfter, (signal) =>
        this.#store.read({ key: this.#key, clock, notAfter, signal }),
      );
      this.#succeeded("read");
      if (leader !== undefined) this.sawToken(leader.token);
      return leader;
    } catch (error) {
      const reported = this.#failed("read", error, sentAt);
      throw wasAbandoned(error) ? error : reported;
    }
  }

  /** Forgets every request on its way; its answer changes nothing. */
  abandonRequests(): void {
    this.#requests.abandon();
    this.#renewals.abandon();
  }

  #armWake(): void {
    this.#cancelWake();
    const at = nextWake(this.#state);
    const wake = () => this.dispatch({ type: "wake" });
    this.#cancelWake = at === undefined ? () => {} : this.#environment.clock.timer(at, wake);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "acquire":
        void this.#acquire(effect.attempt, effect.notAfter);
        return;
      case "renew":
        void this.#renew(effect.attempt, effect.token, effect.notAfter);
        return;
      case "release":
        // A store that repeats a renewal must not bring back what is released. Those of a lost term are late.
        if (this.#state.role === "releasing") this.#renewals.abandon();
        void this.#release(effect.attempt, effect.notAfter);
        return;
      case "elected":
        this.#elected(effect.attempt, effect.token);
        return;
      case "deposed":
        this.#listener.deposed(effect.reason);
        return;
      case "drain-timeout":
        this.#listener.drainTimeout();
        return;
      case "departed":
        this.#departed(effect.exit, effect.release);
        return;
    }
  }

  #elected(attempt: number, token: number): void {
    const { since } = this.#attempts.of(attempt);
    this.#listener.elected(token, since, () => this.#remaining(token));
  }

  #departed(exit: Exit, departure: Departure): void {
    // A stop that overtakes a resignation completes both; one that follows it has yet to come.
    this.#resigning.resolve(departure);
    if (exit === "stop") this.#stopping.resolve(departure);
  }

  async #acquire(attempt: number, notAfter: number): Promise<void> {
    const { clock, jitter, nonce } = this.#environment;
    const { nodeId, metadata, timing } = this.#settings;
    const inUse = new Set(this.#state.unsettled.map((left) => left.attempt));
    this.#attempts.begin(attempt, nonce(), inUse);
    const sentAt = clock.now();
    const above = this.#largestToken;
    let reply: AcquireReply;
    try {
      reply = await this.#requests.race(notAfter, (signal) =>
        this.#store.acquire({
          ...this.#request(attempt, notAfter, signal),
          nodeId,
          metadata,
          ttl: timing.ttl,
          above,
        }),
      );
    } catch (error) {
      const { applied } = this.#failed("acquire", error, sentAt);
      this.dispatch({ type: "acquire-failed", attempt, applied, jitter: jitter() });
      return;
    }
    this.#succeeded("acquire");
    if (reply.granted) {
      this.#attempts.of(attempt).since = reply.since;
      this.sawToken(reply.token);
      this.dispatch({ type: "granted", attempt, token: reply.token, sentAt });
      return;
    }
    const { leader, reason, retryIn, applied = "no" } = reply;
    if (leader !== undefined) this.sawToken(leader.token);
    this.dispatch(
      reason === "late"
        ? { type: "acquire-failed", attempt, applied: "no", jitter: jitter() }
        : { type: "refused", attempt, retryIn, applied },
    );
    this.#listener.refused(leader, reason === "quarantine" ? (retryIn ?? timing.ttl) : undefined);
  }

  async #renew(attempt: number, token: number, notAfter: number): Promise<void> {
    const { clock, jitter } = this.#environment;
    const { nodeId, metadata, timing } = this.#settings;
    const sentAt = clock.now();
    let reply: RenewReply;
    try {
      reply = await this.#renewals.race(notAfter, (signal) =>
        this.#store.renew({
          ...this.#request(attempt, notAfter, signal),
          nodeId,
          metadata,
          ttl: timing.ttl,
          token,
        }),
      );
    } catch (error) {
      this.#failed("renew", error, sentAt);
      this.dispatch({ type: "renew-failed", attempt, jitter: jitter() });
      return;
    }
    this.#succeeded("renew");
    if (!reply.renewed) {
      this.dispatch(
        reply.reason === "superseded"
          ? { type: "superseded", attempt }
          : { type: "renew-failed", attempt, jitter: jitter() },
      );
      return;
    }
    this.dispatch({ type: "renewed", attempt, sentAt });
    if (holds(this.#state, token, clock.now())) this.#listener.renewed(clock.now() - sentAt);
  }

  async #release(attempt: number, notAfter: number): Promise<void> {
    const { clock, jitter } = this.#environment;
    const sentAt = clock.now();
    try {
      await this.#requests.race(notAfter, (signal) =>
        this.#store.release(this.#request(attempt, notAfter, signal)),
      );
    } catch (error) {
      this.#failed("release", error, sentAt);
      this.dispatch({ type: "release-failed", attempt, jitter: jitter() });
      return;
    }
    this.#succeeded("release");
    this.dispatch({ type: "released", attempt, sentAt });
  }

  #request(attempt: number, notAfter: number, signal: AbortSignal) {
    const { nonce } = this.#attempts.of(attempt);
    return { key: this.#key, clock: this.#environment.clock, nonce, notAfter, signal };
  }

  #failed(operation: StoreOperation, cause: unknown, sentAt: number): StoreError {
    const error = asStoreError(cause);
    // Requests that we gave up ourselves are no news.
    if (wasAbandoned(cause)) return error;
    this.#outage.failed(operation);
    this.#listener.storeError(operation, error, this.#environment.clock.now() - sentAt);
    return error;
  }

  #succeeded(operation: StoreOperation): void {
    for (const each of this.#outage.succeeded(operation)) this.#listener.storeRecovered(each);
  }
}
