import { asStoreError, isIncumbentError, StoreError } from "../../errors.ts";
import { examine } from "../diagnosis.ts";
import { late } from "../lease-rules.ts";
import type {
  AcquireReply,
  AcquireRequest,
  Examination,
  Finding,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "../lease-store.ts";
import type { ObservedAttempt } from "./observed-attempt.ts";
import type { ObservedElection } from "./observed-election.ts";
import { ObservedElections } from "./observed-elections.ts";
import { acquire, free, isOver, type ObservedMoment, read, renew } from "./observed-rules.ts";
import { type ObservedTime, realTime } from "./observed-time.ts";
import { watchElection } from "./observed-watch.ts";
import type { Cell, ObservedRecord, Register, Wait } from "./register.ts";
import { isSameWrite, type Sighting } from "./sighting.ts";

/** What a store says of its register, and what its user has chosen. */
export interface ObservedSettings {
  readonly traits: StoreTraits;
  /** Whether nothing is granted for one ttl when the register may have forgotten a lease. */
  readonly restartGuard: boolean;
}

/** How often a request is tried again when other processes were faster. */
const TRIES = 4;

/**
 * Leases on a register with compare-and-set and without a clock. No clock is asked when a lease ends: a process
 * that has seen a record unchanged for one ttl, on its own clock, replaces it, if it is still the same.
 */
export class ObservedStore<C extends Cell = Cell> implements LeaseStore {
  readonly traits: StoreTraits;
  readonly keys?: (wait: Wait) => Promise<string[]>;
  readonly watch?: (key: string, onHint: (hint: Hint) => void) => () => void;
  readonly #register: Register<C>;
  readonly #isGuarded: boolean;
  readonly #time: ObservedTime;
  readonly #elections: ObservedElections<C>;
  #isOpen = true;

  constructor(register: Register<C>, settings: ObservedSettings, time: ObservedTime = realTime) {
    this.traits = { ...settings.traits, clock: "observer" };
    this.#register = register;
    this.#isGuarded = settings.restartGuard;
    this.#time = time;
    this.#elections = new ObservedElections((key) => register.forget?.(key));
    if (register.watch !== undefined) this.watch = (key, onHint) => this.#watch(key, onHint);
    const { keys } = register;
    if (keys !== undefined) this.keys = (wait) => keys.call(register, wait);
  }

  async acquire(request: AcquireRequest): Promise<AcquireReply> {
    const election = this.#election(request.key);
    const attempt = election.attempt(request.nonce, this.#time.now(), request.ttl);
    let sighting = this.#decisive(election, request) ?? (await this.#look(election, request));
    for (let tried = 0; tried < TRIES; tried += 1) {
      if (request.clock.now() > request.notAfter) return late.acquire;
      const { reply, write } = acquire(sighting, request, this.#moment(election, sighting.cell));
      if (reply !== undefined) return reply;
      const { interruptions } = election;
      const endsAt = request.clock.now() + request.ttl;
      const done = await this.#write(election, attempt, request, sighting.cell, write);
      if (done.isWritten) {
        attempt.keep({ cell: done.cell, record: write, endsAt });
        const { token, since } = write;
        return election.interruptions === interruptions
          ? { granted: true, token, since }
          : doubtful(request.ttl);
      }
      sighting = done.sighting;
    }
    return raced;
  }

  async renew(request: RenewRequest): Promise<RenewReply> {
    const { clock, notAfter, ttl } = request;
    const election = this.#election(request.key);
    const attempt = election.attempt(request.nonce, this.#time.now(), ttl);
    let cell = attempt.lease?.cell;
    for (let tried = 0; tried < TRIES; tried += 1) {
      cell ??= (await this.#look(election, request)).cell;
      if (clock.now() > notAfter) return late.renew;
      if (this.#hasEnded(election, attempt, request)) return superseded;
      const moment = this.#moment(election, cell);
      const { reply, write } = renew(cell, request, moment, attempt.lease?.record);
      if (reply !== undefined) return reply;
      const endsAt = clock.now() + ttl;
      const done = await this.#write(election, attempt, request, cell, write);
      if (done.isWritten) {
        attempt.keep({ cell: done.cell, record: write, endsAt });
        return { renewed: true };
      }
      cell = done.sighting.cell;
    }
    throw contended();
  }

  /** A free lease is written anew if an earlier write of this attempt might still arrive and take it. */
  async release(request: ReleaseRequest): Promise<ReleaseReply> {
    const election = this.#election(request.key);
    const attempt = election.attempt(request.nonce, this.#time.now());
    let cell = attempt.lease?.cell;
    for (let tried = 0; tried < TRIES; tried += 1) {
      cell ??= (await this.#look(election, request)).cell;
      const { record } = cell;
      const isOwn = record?.nonce === request.nonce;
      const doubt = attempt.doubtOn(cell);
      const isFree = record?.nonce === "";
      if (record === undefined || !(isOwn || (isFree && doubt !== undefined))) break;
      const released = isOwn && !this.#hasEnded(election, attempt, request);
      // From now on there is nothing to restore.
      attempt.lease = undefined;
      const token = Math.max(record.token, doubt?.token ?? 0);
      const write = free({ ...record, token }, this.#moment(election, cell));
      const done = await this.#write(election, attempt, request, cell, write);
      if (done.isWritten) return { released };
      cell = done.sighting.cell;
    }
    attempt.lease = undefined;
    if (cell?.record?.nonce === request.nonce) throw contended();
    return { released: false };
  }

  async read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    const election = this.#election(request.key);
    const sighting = await this.#look(election, request);
    return read(sighting, this.#moment(election, sighting.cell));
  }

  /** Looks at the register, and changes nothing there. */
  diagnose(examination: Examination): AsyncIterable<Finding> {
    return examine(this.#register.checks?.() ?? [], examination);
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    for (const [, election] of this.#elections) election.leave();
    await this.#register.close();
  }

  #watch(key: string, onHint: (hint: Hint) => void): () => void {
    const election = this.#election(key);
    const listener = { onHint };
    election.listeners.add(listener);
    this.#listen(key, election);
    return () => {
      if (election.listeners.delete(listener) && election.listeners.size === 0) election.leave();
    };
  }

  #listen(key: string, election: ObservedElection<C>): void {
    if (election.unwatch !== undefined || election.listeners.size === 0) return;
    const lost = () => this.#elections.lost();
    election.unwatch = watchElection(this.#register, key, election, this.#time, lost);
  }

  /** Opens the store again if it was closed. */
  #election(key: string): ObservedElection<C> {
    if (!this.#isOpen) {
      this.#isOpen = true;
      for (const [other, election] of this.#elections) this.#listen(other, election);
    }
    const now = this.#time.now();
    const election = this.#elections.get(key, now);
    election.touch(now);
    return election;
  }

  #moment(election: ObservedElection<C>, { record }: C): ObservedMoment {
    const { now, wall } = { now: this.#time.now(), wall: this.#time.wall() };
    return { now, wall, seq: election.nextSeq(record?.seq ?? 0), isGuarded: this.#isGuarded };
  }

  /**
   * What was seen before, if it is enough: a watch reports every change; and whatever else was seen may be replaced
   * without another look, because that fails if it has changed.
   */
  #decisive(election: ObservedElection<C>, request: AcquireRequest): Sighting<C> | undefined {
    const { sighting, isWatched } = election;
    if (sighting === undefined || isWatched) return sighting;
    const { write } = acquire(sighting, request, this.#moment(election, sighting.cell));
    return write === undefined ? undefined : sighting;
  }

  async #look(election: ObservedElection<C>, request: StoreRequest): Promise<Sighting<C>> {
    const sentAt = this.#time.now();
    const cell = await this.#asked(election, request, this.#register.read(request.key, request));
    return election.see(cell, this.#time.now(), sentAt);
  }

  async #write(
    election: ObservedElection<C>,
    attempt: ObservedAttempt<C>,
    request: StoreRequest,
    seen: C,
    record: ObservedRecord,
  ): Promise<{ isWritten: boolean; cell: C; sighting: Sighting<C> }> {
    if (!(request.isAwaited ?? !request.signal.aborted)) throw givenUp();
    const sentAt = this.#time.now();
    attempt.doubt(record, seen);
    const asked = this.#register.compareAndSet(request.key, seen, record, request);
    const written = await this.#asked(election, request, asked).catch((error) => {
      if (asStoreError(error).applied === "no") attempt.settle(record);
      throw error;
    });
    attempt.settle(record);
    const sighting =
      written.cell === undefined
        ? await this.#look(election, request)
        : election.see(written.cell, this.#time.now(), sentAt);
    const cell = written.cell ?? sighting.cell;
    // A write that was repeated on its way finds itself.
    return { isWritten: written.written || isSameWrite(cell.record, record), cell, sighting };
  }

  /** Without a watch, a connection that was lost is the only sign that the register may have been set back. */
  async #asked<Answer>(
    election: ObservedElection<C>,
    { signal }: StoreRequest,
    asked: Promise<Answer>,
  ): Promise<Answer> {
    try {
      return await asked;
    } catch (error) {
      const { code } = asStoreError(error);
      const isUnanswered =
        code === "INCUMBENT_STORE_UNAVAILABLE" || code === "INCUMBENT_STORE_TIMEOUT";
      // That an elector which leaves waits for a renewal no longer says nothing about the connection (seed 1307194).
      const isLost = isUnanswered && !isOfStop(signal.reason);
      // Without any watches, some request of thousands of elections always fails, and each would be in doubt for ever.
      if (isLost && this.#register.watch !== undefined) this.#elections.lost();
      else if (isLost) election.interrupt();
      throw error;
    }
  }

  /** By the clock of its holder; or, of a lease that another store wrote, since it was seen. */
  #hasEnded(
    { sighting }: ObservedElection<C>,
    { lease }: ObservedAttempt<C>,
    { clock }: StoreRequest,
  ): boolean {
    if (lease !== undefined) return clock.now() >= lease.endsAt;
    return sighting === undefined || isOver(sighting, this.#time.now());
  }
}

const superseded: RenewReply = { renewed: false, reason: "superseded" };

/** Others were faster, several times. Nothing is known of who leads now. */
const raced: AcquireReply = {
  ...{ granted: false, reason: "held", leader: undefined, retryIn: undefined },
};

/**
 * The lease is ours, but the register may have been set back between the look and the write: then another process
 * may still trust a lease that it has forgotten.
 */
function doubtful(ttl: number): AcquireReply {
  const retryIn = ttl;
  return { granted: false, reason: "quarantine", leader: undefined, retryIn, applied: "maybe" };
}

function isOfStop(reason: unknown): boolean {
  return isIncumbentError(reason) && reason.code === "INCUMBENT_STOPPED";
}

function givenUp(): StoreError {
  const message = "The request was given up before it was sent.";
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" });
}

function contended(): StoreError {
  const message = "The record of the election changes faster than it can be replaced.";
  return new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "maybe" });
}
