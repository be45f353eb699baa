import type { LossReason } from "../election/state.ts";
import type { StoreError } from "../errors.ts";
import type { LeaseRecord } from "../stores/lease-store.ts";
import type { Events, StoreOperation } from "./events.ts";
import { type LeadershipCallback, LeadershipListeners } from "./leadership-listeners.ts";
import type { LoopListener } from "./loop-listener.ts";
import type { Settings } from "./options.ts";
import { HeldTerm, type LeaderInfo, type Term } from "./term.ts";
import type { TermTimes } from "./term-times.ts";
import { Waiters } from "./waiters.ts";

/** Makes terms of what happens in the loop, and reports them to callbacks and event listeners. */
export class Terms implements LoopListener {
  readonly #key: string;
  readonly #settings: Settings;
  readonly #events: Events;
  readonly #times: TermTimes;
  readonly #listeners: LeadershipListeners;
  readonly #waiting = new Waiters<Term>();
  #term: HeldTerm | undefined;
  #leaderToken: number | undefined;

  constructor(key: string, settings: Settings, events: Events, times: TermTimes) {
    this.#key = key;
    this.#settings = settings;
    this.#events = events;
    this.#times = times;
    this.#listeners = new LeadershipListeners((error) => events.emit("callbackError", { error }));
  }

  /** The last term of this process; whether it is still led is for the loop to say. */
  get latest(): Term | undefined {
    return this.#term;
  }

  listen(callback: LeadershipCallback, current: Term | undefined): () => void {
    return this.#listeners.add(callback, current);
  }

  next(signal: AbortSignal): Promise<Term> {
    return this.#waiting.wait(signal);
  }

  elected(token: number, since: number, remaining: () => number): void {
    const vacancy = this.#times.begin(remaining());
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
    this.#listeners.reportGain(term, stillLeads);
    this.#events.emit("elected", { term, vacancy });
    this.#sawLeader({ nodeId, token, since, expiresIn: timing.ttl, metadata });
    if (stillLeads()) this.#waiting.resolve(term);
  }

  get seesLease(): boolean {
    return this.#times.seesLease;
  }

  released(): void {
    this.#times.sawRelease();
  }

  deposed(reason: LossReason): void {
    const term = this.#term;
    if (term === undefined) return;
    const lasted = this.#times.end();
    term.end(reason);
    this.#listeners.reportLoss(term);
    this.#events.emit("deposed", { term, reason, lasted });
  }

  drainTimeout(): void {
    if (this.#term !== undefined) this.#events.emit("drainTimeout", { term: this.#term });
  }

  renewed(took: number): void {
    const term = this.#term;
    if (term === undefined) return;
    // While work drains, the lease goes on and the term does not.
    const remaining = term.remaining();
    if (remaining > 0) this.#times.prolong(remaining);
    this.#events.emit("renewed", { term, took });
  }

  refused(leader: LeaseRecord | undefined, quarantinedFor: number | undefined): void {
    if (leader !== undefined) {
      this.#times.sawLease(leader.expiresIn);
      this.#sawLeader(leader);
    }
    if (quarantinedFor !== undefined) this.#events.emit("quarantined", { retryIn: quarantinedFor });
  }

  storeError(operation: StoreOperation, error: StoreError, took: number): void {
    this.#events.emit("storeError", { operation, error, took });
  }

  storeRecovered(operation: StoreOperation): void {
    this.#events.emit("storeRecovered", { operation });
  }

  #sawLeader(leader: LeaseRecord): void {
    if (leader.token === this.#leaderToken) return;
    this.#leaderToken = leader.token;
    this.#events.emit("leaderChanged", { leader: infoOf(this.#key, leader) });
  }
}

/** A lease as the API shows it. */
export function infoOf(key: string, record: LeaseRecord): LeaderInfo {
  return { key, ...record, since: new Date(record.since) };
}
