import type { ElectionState, LossReason } from "../../election/state.ts";
import type { StoreError } from "../../errors.ts";
import type { LeaseRecord, LeaseStore, Refusal } from "../../stores/lease-store.ts";
import type { Events, StoreOperation } from "../events.ts";
import { LeaderView } from "../leader-view.ts";
import type { LoopListener } from "../loop-listener.ts";
import type { Settings } from "../options.ts";
import { type ElectorStatus, statusOf } from "../status.ts";
import type { Clock } from "../time/clock.ts";
import { type LeadershipCallback, LeadershipListeners } from "./leadership-listeners.ts";
import { HeldTerm, infoOf, type LeaderInfo, type Term } from "./term.ts";
import { TermTimes } from "./term-times.ts";
import { Waiters } from "./waiters.ts";

/** Makes terms of what happens in the loop, and reports them to callbacks and event listeners. */
export class Terms implements LoopListener {
  readonly #key: string;
  readonly #settings: Settings;
  /** By how much the ttl that a store shows must differ from the one that was asked for, in ms. */
  readonly #ttlStep: number;
  readonly #events: Events;
  readonly #clock: Clock;
  readonly #times: TermTimes;
  readonly #view: LeaderView;
  readonly #listeners: LeadershipListeners;
  #waiting: Waiters<Term> | undefined;
  #settling: Waiters<void> | undefined;
  #term: HeldTerm | undefined;
  #leaderToken: number | undefined;
  #reportedTtl: number | undefined;

  constructor(
    key: string,
    settings: Settings,
    { traits: { granularity = 1 } }: Pick<LeaseStore, "traits">,
    events: Events,
    clock: Clock,
  ) {
    this.#key = key;
    this.#settings = settings;
    this.#ttlStep = Math.max(1, granularity);
    this.#events = events;
    this.#clock = clock;
    this.#times = new TermTimes(clock);
    this.#view = new LeaderView(clock, settings.timing.renewalInterval);
    this.#listeners = new LeadershipListeners(events);
  }

  /** The last term of this process; whether it is still led is for the loop to say. */
  get latest(): Term | undefined {
    return this.#term;
  }

  listen(callback: LeadershipCallback, current: Term | undefined): () => void {
    return this.#listeners.add(callback, current);
  }

  next(signal: AbortSignal): Promise<Term> {
    this.#waiting ??= new Waiters();
    return this.#waiting.wait(signal);
  }

  /** Resolves at the next answer to the campaign. */
  answer(signal: AbortSignal): Promise<void> {
    this.#settling ??= new Waiters();
    return this.#settling.wait(signal);
  }

  status(state: ElectionState, isStopping: boolean): ElectorStatus {
    return statusOf(state, {
      ...{ key: this.#key, view: this.#view, own: () => this.#own() },
      ...{ isStopping, now: this.#clock.now() },
    });
  }

  #own(): LeaderInfo | undefined {
    const term = this.#term;
    if (term === undefined) return undefined;
    const { nodeId, metadata, timing } = this.#settings;
    const { key, token, since } = term;
    return { key, nodeId, token, since, expiresIn: term.remaining() + timing.margin, metadata };
  }

  /** A campaign begins. */
  start(): void {
    this.#times.forget();
    this.#view.forget();
  }

  elected(token: number, since: number, remaining: () => number): Promise<unknown>[] {
    const vacancy = this.#times.begin(remaining());
    this.#view.forget();
    const { nodeId, metadata, timing } = this.#settings;
    const term = new HeldTerm({
      key: this.#key,
      nodeId,
      token,
      since: new Date(since),
      remaining,
    });
    this.#term = term;
    const stillLeads = () => term.remaining() > 0;
    const pending = this.#listeners.reportGain(term, stillLeads);
    this.#events.emit("elected", { term, vacancy });
    this.#sawLeader({ nodeId, token, since, expiresIn: timing.ttl, metadata });
    if (stillLeads()) this.#waiting?.resolve(term);
    this.#settling?.resolve();
    return pending;
  }

  get seesLease(): boolean {
    return this.#times.seesLease;
  }

  released(): void {
    this.#times.sawRelease();
  }

  deposed(reason: LossReason): Promise<unknown>[] {
    const term = this.#term;
    if (term === undefined) return [];
    const lasted = this.#times.end();
    this.#view.forget();
    term.end(reason);
    const pending = this.#listeners.reportLoss(term);
    this.#events.emit("deposed", { term, reason, lasted });
    return pending;
  }

  drainTimeout(): void {
    if (this.#term !== undefined) this.#events.emit("drainTimeout", { term: this.#term });
  }

  renewed(took: number, trustedUntil: number | undefined): void {
    const term = this.#term;
    if (term === undefined) return;
    if (trustedUntil !== undefined) this.#times.prolong(trustedUntil);
    this.#events.emit("renewed", { term, took });
  }

  refused(refusal: Refusal): void {
    const { reason, leader, retryIn = this.#settings.timing.ttl } = refusal;
    this.#view.refused(refusal, this.#term?.token);
    if (leader !== undefined) {
      this.#times.sawLease(leader.expiresIn);
      this.#sawLeader(leader);
      this.#checkTtl(leader);
    }
    if (reason === "quarantine") this.#events.emit("quarantined", { retryIn });
    this.#settling?.resolve();
  }

  read(leader: LeaseRecord | undefined): void {
    this.#view.read(leader, this.#term?.token);
  }

  storeError(operation: StoreOperation, error: StoreError, took: number): void {
    if (operation === "acquire") this.#view.failed(error);
    this.#events.emit("storeError", { operation, error, took });
    if (operation === "acquire") this.#settling?.resolve();
  }

  storeRecovered(operation: StoreOperation): void {
    this.#events.emit("storeRecovered", { operation });
  }

  #sawLeader(leader: LeaseRecord): void {
    if (leader.token === this.#leaderToken) return;
    this.#leaderToken = leader.token;
    this.#events.emit("leaderChanged", { leader: infoOf(this.#key, leader) });
  }

  #checkTtl(leader: LeaseRecord): void {
    const ownTtl = this.#settings.timing.ttl;
    const { ttl = ownTtl } = leader;
    if (ttl === this.#reportedTtl || Math.abs(ttl - ownTtl) < this.#ttlStep) return;
    this.#reportedTtl = ttl;
    this.#events.emit("ttlMismatch", { leader: infoOf(this.#key, leader), ttl, ownTtl });
  }
}
