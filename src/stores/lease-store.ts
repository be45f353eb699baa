import type { Applied } from "../election/event.ts";

export type { Applied };

/**
 * What every request carries. Times are in ms on `clock`, which belongs to the elector: a store
 * compares them with nothing but `clock.now()`.
 */
export interface StoreRequest {
  /** Which election: 1 to 512 bytes of UTF-8, without control characters or others that cannot be seen. */
  readonly key: string;
  readonly clock: { now(): number };
  /**
   * The request must have no effect if it is carried out later than this. A store with a clock of its
   * own translates it, on the early side where it cannot know exactly.
   */
  readonly notAfter: number;
  /** Aborted when the answer is no longer waited for. */
  readonly signal: AbortSignal;
  /**
   * Whether the answer is still waited for: `!signal.aborted`, without what a signal costs. The elector makes the
   * signal when a store first reads it, so a store with thousands of requests a second reads this alone.
   */
  readonly isAwaited?: boolean | undefined;
}

/** Identity: 128 random bits as hex, fresh for every attempt. Neither a process nor a `nodeId` is an identity. */
interface Attempt {
  readonly nonce: string;
}

/** What a lease says of its holder, beside the nonce, which stays secret. */
interface Holder {
  /** A label for people; two processes with the same one must not disturb each other. */
  readonly nodeId: string;
  readonly metadata: string | undefined;
  readonly ttl: number;
}

/** Asks for the lease. */
export interface AcquireRequest extends StoreRequest, Attempt, Holder {
  /** The largest token of this election that the candidate has seen: the new one must be above it. */
  readonly above: number;
}

/** Asks for another ttl. */
export interface RenewRequest extends StoreRequest, Attempt, Holder {
  /** The term's token, from which a store that lost its data restores the lease. */
  readonly token: number;
}

/** Gives the lease back. */
export interface ReleaseRequest extends StoreRequest, Attempt {}

/** A live lease, as everyone may see it. */
export interface LeaseRecord {
  readonly nodeId: string;
  readonly token: number;
  /** When the term began, by the store's wall clock, in ms since 1970. */
  readonly since: number;
  /** How long the lease lasts if it is not renewed, in ms from the answer; Infinity for one without an end. */
  readonly expiresIn: number;
  readonly metadata: string | undefined;
  /** The ttl that the holder asked for, in ms. A candidate with another one reports it. */
  readonly ttl?: number | undefined;
}

/**
 * `held`: there is a live lease, perhaps of an earlier attempt of the same process.
 * `quarantine`: the store lost its memory, and a lease that it forgot may still be believed.
 * `late`: the request arrived after its not-after.
 */
export type RefusalReason = "held" | "quarantine" | "late";

/** Not granted: why, and by whose lease. */
export interface Refusal {
  readonly granted: false;
  readonly reason: RefusalReason;
  readonly leader: LeaseRecord | undefined;
  /**
   * After how many ms to ask again: when it may be granted, or earlier if that cannot be known, as with the lock of
   * another library, which may be given back at any time. `undefined` if the store does not know.
   */
  readonly retryIn: number | undefined;
  /**
   * `maybe` if the attempt may have something all the same, which the elector then releases by its
   * nonce: the lease that refuses it is its own, because the request was repeated on its way and the
   * first answer is still to come; or a store of several parts has not heard of all that it asked.
   * @defaultValue "no"
   */
  readonly applied?: Applied | undefined;
}

/** Granted, with the token of the new term; or refused. */
export type AcquireReply =
  | { readonly granted: true; readonly token: number; readonly since: number }
  | Refusal;

/** `superseded`: the lease is not under this nonce any more. `late`: the request came too late. */
export type RenewReply =
  | { readonly renewed: true }
  | { readonly renewed: false; readonly reason: "superseded" | "late" };

/** `released` is false where there was nothing left to release; that is no failure. */
export interface ReleaseReply {
  readonly released: boolean;
}

/**
 * A change that a store heard of. Only a hint for waking up: it may come late, twice or never, and is
 * never trusted.
 *
 * `released`: the lease may be free. `changed`: there may be another leader, or other metadata.
 */
export type Hint = "released" | "changed";

/** What a store can promise, so that electors and documentation can say it. */
export interface StoreTraits {
  /** For log lines and errors: `redis`, `sqlite`, … */
  readonly name: string;
  /** `strict`: one live lease at any time. `advisory`: nearly always. */
  readonly exclusion: "strict" | "advisory";
  /** How tokens survive the loss of the store's data: by its clock, or not at all. */
  readonly tokens: "clock" | "memory";
  /**
   * Whose clock decides that a lease has ended. `server`: one that all candidates share, so that each of them
   * knows what remains of it. `observer`: each candidate's own. It counts from the moment when it saw the lease
   * change last, so one that has just come waits a whole ttl for a lease that may end sooner.
   * @defaultValue "server"
   */
  readonly clock?: "server" | "observer" | undefined;
  /**
   * In what steps the store counts time, in ms: a lease may last so much longer than its ttl.
   * @defaultValue 1
   */
  readonly granularity?: number | undefined;
}

/**
 * How a finding is meant. `ok`: as it should be. `note`: good to know, and may be meant so. `warning`: elections work
 * now, and something will harm them. `error`: there can be no election.
 */
export type FindingLevel = "ok" | "note" | "warning" | "error";

/** What a store says of its own state. */
export interface Finding {
  /** What was looked at, as one word: `eviction`. */
  readonly check: string;
  readonly level: FindingLevel;
  /** What is so, and what that means: one or two sentences. */
  readonly says: string;
  /** What to do, as a sentence. */
  readonly remedy?: string | undefined;
  /** Of which server, if the store has several: host and port, never a password. */
  readonly server?: string | undefined;
}

/** What a store needs in order to look at itself. */
export interface Examination extends Pick<StoreRequest, "clock" | "signal"> {
  /** Calls `fire` in `delay` ms; the returned function prevents it. */
  timer(delay: number, fire: () => void): () => void;
  /** This machine's wall clock, in ms since 1970. Left out of a brief examination. */
  readonly wallClock?: (() => number) | undefined;
  /**
   * Only what costs next to nothing and would be worth a warning. A store is asked for it once in each process, while
   * electors use it.
   */
  readonly isBrief: boolean;
}

/**
 * Where leases are kept. One store serves any number of electors.
 *
 * A request that fails rejects with a `StoreError`, whose `applied` says whether it may have taken
 * effect; anything else that it throws counts as "maybe". A store may batch: requests that arrive in
 * the same tick can become one round trip.
 */
export interface LeaseStore {
  readonly traits: StoreTraits;

  /**
   * If several objects stand for one store: what they have in common. Electors of one store take turns when a lease
   * is given back.
   * @defaultValue the store itself
   */
  readonly shared?: object;

  /**
   * Called when an elector is made. Throws `INCUMBENT_INVALID_OPTION` when options of the store do not fit
   * leases of this length, in ms.
   */
  checkTtl?(ttl: number): void;

  /**
   * Called when an elector is made. Throws `INCUMBENT_INVALID_OPTION` when the store can have no election of this key,
   * as if it must be the name of something.
   */
  checkKey?(key: string): void;

  /**
   * Grants the lease unless any process holds it. A granted token is above every token that this
   * election ever had, and above `request.above`.
   */
  acquire(request: AcquireRequest): Promise<AcquireReply>;

  /** Prolongs the lease that has this nonce to one ttl from now. */
  renew(request: RenewRequest): Promise<RenewReply>;

  /** Ends the lease that has this nonce, keeps its token, and notifies the watchers. */
  release(request: ReleaseRequest): Promise<ReleaseReply>;

  /** The live lease of the election, if there is one. */
  read(request: StoreRequest): Promise<LeaseRecord | undefined>;

  /** The keys of all elections that it knows, also of those without a leader. For inspection tools. */
  keys?(request: Pick<StoreRequest, "clock" | "signal">): Promise<string[]>;

  /**
   * Calls `onHint` on changes until the returned function is called. Never throws: what cannot be
   * watched is polled. A store without it is polled every third of a ttl. Survives `close`: the next
   * request resumes it.
   */
  watch?(key: string, onHint: (hint: Hint) => void): () => void;

  /**
   * Looks for what is wrong, or will be: a missing right, a server that may forget leases. Changes nothing in the store,
   * and leaves nothing behind. What fails is a finding too: iterating throws nothing, and ends in bounded time.
   */
  diagnose?(examination: Examination): AsyncIterable<Finding>;

  /** Lets go of connections and files. A later request opens them again. */
  close(): Promise<void>;
}
