import { builtin } from "../../builtin.ts";
import type { LossReason } from "../../election/state.ts";
import { LeadershipLostError } from "../../errors.ts";
import type { LeaseRecord } from "../../stores/lease-store.ts";

/** One period of leadership. */
export interface Term {
  readonly key: string;
  readonly nodeId: string;
  /**
   * The fencing token: larger than that of every earlier term of this key. Give it to whatever the
   * leader writes to, and let that refuse a token smaller than the largest it has seen.
   */
  readonly token: number;
  /** When the term began, by the store's wall clock. */
  readonly since: Date;
  /** Aborted the moment the term ends. Its reason is a `LeadershipLostError`. */
  readonly signal: AbortSignal;
  /** How long the lease may still be trusted without another renewal, in ms; 0 once the term is over. */
  remaining(): number;
}

/** The leader, as the store has it. */
export interface LeaderInfo {
  readonly key: string;
  readonly nodeId: string;
  readonly token: number;
  readonly since: Date;
  /** How long its lease lasts without another renewal, in ms from when this was read. */
  readonly expiresIn: number;
  readonly metadata: string | undefined;
}

/** A lease as the API shows it. */
export function infoOf(key: string, record: LeaseRecord): LeaderInfo {
  const { nodeId, token, since, expiresIn, metadata } = record;
  return { key, nodeId, token, since: new Date(since), expiresIn, metadata };
}

/** The term that this process holds, with the power to end it. */
export class HeldTerm implements Term {
  readonly key: string;
  readonly nodeId: string;
  readonly token: number;
  readonly since: Date;
  readonly remaining: () => number;
  #controller: AbortController | undefined;
  #endedFor: LossReason | undefined;

  constructor(term: Omit<Term, "signal">) {
    this.key = term.key;
    this.nodeId = term.nodeId;
    this.token = term.token;
    this.since = term.since;
    this.remaining = term.remaining;
  }

  /** Made when it is first read: a signal is larger than everything else of an elector. */
  get signal(): AbortSignal {
    if (this.#controller !== undefined) return this.#controller.signal;
    this.#controller = new AbortController();
    const { signal } = this.#controller;
    // A leader gives it to everything that it does, and from the 11th listener on Node.js warns of a leak.
    builtin.events.setMaxListeners(0, signal);
    this.#abort();
    return signal;
  }

  end(reason: LossReason): void {
    this.#endedFor = reason;
    this.#abort();
  }

  #abort(): void {
    if (this.#controller === undefined || this.#endedFor === undefined) return;
    this.#controller.abort(new LeadershipLostError(this.key, this.#endedFor));
  }
}
