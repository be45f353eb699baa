import type { Effect } from "../election/effect.ts";
import type { ElectionEvent } from "../election/event.ts";
import {
  awaitsHint,
  type ElectionState,
  type Exit,
  holds,
  initialState,
  isLeading,
  type LossReason,
  nextRenewal,
  nextWake,
} from "../election/state.ts";
import { step } from "../election/step.ts";
import { renewalSlack, type Timing } from "../election/timing.ts";
import type { LeaseRecord, LeaseStore } from "../stores/lease-store.ts";
import type { Environment } from "./environment.ts";
import type { Departure, LoopListener } from "./loop-listener.ts";
import type { Settings } from "./options.ts";
import type { Follower } from "./requests/candidate-queue.ts";
import type { RequestContext, SentRenew } from "./requests/request.ts";
import { type EventWithoutTime, Requests } from "./requests/requests.ts";
import { beginCheckup, type Checkup } from "./store-checkup.ts";
import { Waiters } from "./terms/waiters.ts";
import { alarmOn } from "./time/alarm.ts";
import type { Clock } from "./time/clock.ts";
import type { Alarm } from "./time/timer-queue.ts";

/**
 * Carries out what the election decides: one state, and one timer for what is due next. Every decision is in
 * `election/`.
 */
export class ElectionLoop implements Follower {
  readonly #timing: Timing;
  readonly #clock: Clock;
  readonly jitter: () => number;
  readonly #listener: LoopListener;
  readonly #requests: Requests;
  readonly #store: LeaseStore;
  readonly #context: RequestContext;
  #checkup: Checkup | undefined;
  #resigning: Waiters<Departure> | undefined;
  #stopping: Waiters<Departure> | undefined;
  /** What follows from callbacks, while effects are performed. */
  #further: Effect[] | undefined;
  #state: ElectionState = initialState;
  #performing = false;
  /** How many promises that callbacks returned have not settled. */
  #pending = 0;
  #wakeAt = Number.POSITIVE_INFINITY;
  #wakeSlack = 0;
  readonly #alarm: Alarm;

  constructor(
    key: string,
    settings: Settings,
    store: LeaseStore,
    environment: Environment,
    listener: LoopListener,
  ) {
    const { clock, jitter } = environment;
    this.jitter = jitter;
    this.#timing = settings.timing;
    this.#clock = clock;
    this.#alarm = alarmOn(clock, () => this.#wake());
    this.#listener = listener;
    this.#store = store;
    this.#context = { key, clock, settings };
    this.#requests = new Requests(this.#context, store, environment, listener, this);
  }

  get state(): ElectionState {
    return this.#state;
  }

  get isWaiting(): boolean {
    return awaitsHint(this.#state, this.#clock.now());
  }

  get hasLeader(): boolean {
    return this.isLeading() || this.#listener.seesLease;
  }

  sawRelease(): void {
    this.#listener.released();
  }

  hint(): void {
    this.dispatch({ type: "hint" });
  }

  isLeading(): boolean {
    return isLeading(this.#state, this.#clock.now());
  }

  #remaining(token: number): number {
    const now = this.#clock.now();
    return isLeading(this.#state, now) && this.#state.lease.token === token
      ? this.#state.lease.trustedUntil - now
      : 0;
  }

  dispatch(event: EventWithoutTime): void {
    this.#take({ ...event, now: this.#clock.now() });
    // The store has answered. Before that, its errors say what is wrong.
    if (event.type === "granted" || event.type === "refused") {
      this.#checkup ??= beginCheckup(this.#store, this.#context);
    }
  }

  #take(event: ElectionEvent): void {
    const { state, effects } = step(this.#timing, this.#state, event);
    this.#state = state;
    if (this.#performing) {
      // A callback brought us here: what follows from it comes after what is being reported now. The state
      // is new at once, so isLeader() is never behind.
      this.#further = [...(this.#further ?? []), ...effects];
      return;
    }
    this.#performing = true;
    for (const effect of effects) this.#perform(effect);
    while (this.#further !== undefined) {
      const further = this.#further;
      this.#further = undefined;
      for (const effect of further) this.#perform(effect);
    }
    this.#performing = false;
    this.armWake();
  }

  /** Ends the term, if there is one, and stays a candidate. */
  resign(): Promise<Departure> {
    this.dispatch({ type: "resign" });
    const { role } = this.#state;
    const isLeaving = role === "draining" || role === "releasing";
    if (!isLeaving) return Promise.resolve("none");
    this.#resigning ??= new Waiters();
    return this.#resigning.wait();
  }

  /** Leaves the election. */
  stop(): Promise<Departure> {
    this.#stopping ??= new Waiters();
    const departure = this.#stopping.wait();
    this.dispatch({ type: "stop" });
    return departure;
  }

  /** Calls `fire` in `delay` ms; the returned function prevents it. */
  timer(delay: number, fire: () => void): () => void {
    return this.#clock.timer(this.#clock.now() + delay, fire);
  }

  /** Reads the lease. Rejects with a `StoreError`, or as stopped. */
  read(): Promise<LeaseRecord | undefined> {
    return this.#requests.read(this.#clock.now() + this.#timing.renewalInterval);
  }

  /** Forgets every request on its way; its answer changes nothing. */
  abandonRequests(): void {
    this.#checkup?.end();
    this.#requests.abandon();
  }

  armWake(): void {
    const at = Math.min(nextWake(this.#state) ?? Number.POSITIVE_INFINITY, this.#requests.deadline);
    const slack = this.#slackOf(at);
    if (at === this.#wakeAt && slack === this.#wakeSlack) return;
    this.#wakeAt = at;
    this.#wakeSlack = slack;
    if (at === Number.POSITIVE_INFINITY) this.#alarm.clear();
    else this.#alarm.set(at, slack);
  }

  #slackOf(wakeAt: number): number {
    const lease = nextRenewal(this.#state);
    return lease?.renewAt === wakeAt ? renewalSlack(this.#timing, lease) : 0;
  }

  #wake(): void {
    this.#wakeAt = Number.POSITIVE_INFINITY;
    this.#wakeSlack = 0;
    const now = this.#clock.now();
    this.#requests.expire(now);
    this.#take({ type: "wake", now });
  }

  renewed({ attempt, token, sentAt }: SentRenew): void {
    const now = this.#clock.now();
    this.#take({ type: "renewed", attempt, sentAt, now });
    if (!holds(this.#state, token, now)) return;
    // While work drains, the lease goes on and the term does not.
    const trustedUntil = isLeading(this.#state, now) ? this.#state.lease.trustedUntil : undefined;
    this.#listener.renewed(now - sentAt, trustedUntil);
  }

  #perform(effect: Effect): void {
    switch (effect.type) {
      case "acquire":
        void this.#requests.acquire(effect.attempt, effect.notAfter, this.#state.leftovers);
        return;
      case "renew":
        this.#requests.renew(effect.attempt, effect.notAfter, effect.token);
        return;
      case "release":
        // A renewal that the store has yet to send, or sends again, must not bring back what is released.
        this.#requests.abandonRenewals();
        void this.#requests.release(effect.attempt, effect.notAfter);
        return;
      case "elected":
        this.#elected(effect.attempt, effect.token);
        return;
      case "deposed":
        this.#deposed(effect.reason);
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
    const since = this.#requests.sinceOf(attempt);
    this.#await(this.#listener.elected(token, since, () => this.#remaining(token)));
  }

  #deposed(reason: LossReason): void {
    this.#await(this.#listener.deposed(reason));
    this.dispatch({ type: "loss-reported", pending: this.#pending });
  }

  /** Has the election learn when callbacks have settled: a voluntary exit waits for them. */
  #await(callbacks: readonly Promise<unknown>[]): void {
    this.#pending += callbacks.length;
    for (const callback of callbacks) {
      void callback.then(() => {
        this.#pending -= 1;
        if (this.#pending === 0) this.dispatch({ type: "callbacks-settled" });
      });
    }
  }

  #departed(exit: Exit, departure: Departure): void {
    // A stop that overtakes a resignation completes both; one that follows it has yet to come.
    this.#resigning?.resolve(departure);
    if (exit === "stop") this.#stopping?.resolve(departure);
  }
}
