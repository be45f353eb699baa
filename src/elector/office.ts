import type { Exit, LossReason, ReleaseOutcome } from "../election/state.ts";
import type { StoreError } from "../errors.ts";
import type { LeaseRecord } from "../stores/lease-store.ts";
import type { Events, StoreOperation } from "./events.ts";
import { type LeadershipCallback, LeadershipListeners } from "./leadership-listeners.ts";
import type { Tell } from "./loop.ts";
import type { Settings } from "./options.ts";
import type { Tenure } from "./tenure.ts";
import { HeldTerm, type LeaderInfo, type Term } from "./term.ts";
import { Waiters } from "./waiters.ts";

/** What the office asks of the loop that it listens to. */
interface Incumbency {
  remaining(token: number): number;
  departed(exit: Exit, release: ReleaseOutcome | "none"): void;
}

/** Who holds the office: makes terms of what the loop tells, and tells it to callbacks and listeners. */
export class Office implements Tell {
  readonly #key: string;
  readonly #settings: Settings;
  readonly #events: Events;
  readonly #tenure: Tenure;
  readonly #incumbency: Incumbency;
  readonly #listeners: LeadershipListeners;
  readonly #waiting = new Waiters<Term>();
  #term: HeldTerm | undefined;
  #leaderToken: number | undefined;

  constructor(
    key: string,
    settings: Settings,
    events: Events,
    tenure: Tenure,
    incumbency: Incumbency,
  ) {
    this.#key = key;
    this.#settings = settings;
    this.#events = events;
    this.#tenure = tenure;
    this.#incumbency = incumbency;
    this.#listeners = new LeadershipListeners((error) => events.emit("callbackError", { error }));
  }

  /** The last term of this process; whether it is still led is for the loop to say. */
  get term(): Term | undefined {
    return this.#term;
  }

  listen(callback: LeadershipCallback, current: Term | undefined): () => void {
    return this.#listeners.add(callback, current);
  }

  nextTerm(signal: AbortSignal): Promise<Term> {
    return this.#waiting.wait(signal);
  }

  elected(token: number, since: number): void {
    const vacancy = this.#tenure.begin(this.#incumbency.remaining(token));
    const { nodeId, metadata, timing } = this.#settings;
    const term = new HeldTerm({
      key: this.#key,
      nodeId,
      token,
      since: new Date(since),
      remaining: () => this.#incumbency.remaining(token),
    });
    this.#term = term;
    const stillLeads = () => term.remaining() > 0;
    this.#listeners.tellGain(term, stillLeads);
    this.#events.emit("elected", { term, vacancy });
    this.#sawLeader({ nodeId, token, since, expiresIn: timing.ttl, metadata });
    if (stillLeads()) this.#waiting.resolve(term);
  }

  deposed(reason: LossReason): void {
    const term = this.#term;
    if (term === undefined) return;
    const lasted = this.#tenure.end();
    term.end(reason);
    this.#listeners.tellLoss(term);
    this.#events.emit("deposed", { term, reason, lasted });
  }

  departed(exit: Exit, release: ReleaseOutcome | "none"): void {
    this.#incumbency.departed(exit, release);
  }

  drainTimeout(): void {
    if (this.#term !== undefined) this.#events.emit("drainTimeout", { term: this.#term });
  }

  renewed(took: number): void {
    const term = this.#term;
    if (term === undefined) return;
    // While work drains, the lease goes on and the term does not.
    const remaining = term.remaining();
    if (remaining > 0) this.#tenure.prolong(remaining);
    this.#events.emit("renewed", { term, took });
  }

  refused(leader: LeaseRecord | undefined, quarantinedFor: number | undefined): void {
    if (leader !== undefined) {
      this.#tenure.sawLease(leader.expiresIn);
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
