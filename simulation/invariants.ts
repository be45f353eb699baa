import type { Departure } from "../src/elector/elector.ts";
import type { Term } from "../src/elector/terms/term.ts";
import type { Candidate, Watchers } from "./candidate.ts";
import { contradictionIn } from "./contradiction.ts";
import type { Journal } from "./journal.ts";
import { isOf, KnownLease } from "./known-lease.ts";
import type { Schedule } from "./schedule.ts";
import type { Executed } from "./simulated-host.ts";
import type { Observed } from "./verdict.ts";

/** How late a loss may be emitted by a process that could always run, because timers are not exact. */
const REPORTING = 6;
/** The clocks of servers have a resolution of 1 µs. */
const GRAIN = 0.002;

/** Checks what must be true of one election at every moment. */
export class Invariants implements Watchers {
  readonly key: string;
  elections = 0;
  renewals = 0;
  grants = 0;
  readonly #schedule: Schedule;
  readonly #journal: Journal;
  readonly complain: Watchers["complain"];
  readonly #ttl: number;
  readonly #servers: number;
  readonly #candidates: Candidate[] = [];
  /** Leases by nonce. */
  readonly #leases = new Map<string, KnownLease>();
  /** Leases by the candidate that leads with it, or led with it last. */
  readonly #held = new Map<Candidate, KnownLease>();
  readonly #unconfirmed = new Set<Candidate>();
  /** Writers by token. */
  readonly #writers = new Map<number, Candidate>();
  #largestWritten = 0;
  #largestGranted = 0;
  #largestElected = 0;
  /** Whether each grant has a token above those before: not what candidates propose, nor a replaced primary. */
  readonly #givesTokens: boolean;
  /** Whether a server has lost data, or its clock was set. */
  #hasForgotten = false;
  /** Until when there may be two leaders, because a lease was deleted by hand. */
  #forcedUntil = 0;
  #trustsNotAfter = true;
  /** The time of the last election or renewal. */
  ledAt = -1;

  constructor(key: string, { schedule, journal, verdict, scenario }: Observed) {
    const { timing, servers, sentinel, cluster } = scenario;
    this.key = key;
    this.#schedule = schedule;
    this.#journal = journal;
    this.complain = (invariant, text) => verdict.complain(invariant, text);
    this.#ttl = timing.ttl;
    this.#servers = Math.max(1, servers.length);
    this.#givesTokens = servers.length === 1 && !sentinel && !cluster;
  }

  add(candidate: Candidate): void {
    this.#candidates.push(candidate);
  }

  get candidates(): readonly Candidate[] {
    return this.#candidates;
  }

  remove(candidate: Candidate): void {
    this.#candidates.splice(this.#candidates.indexOf(candidate), 1);
  }

  /** How long after its notAfter, by the server's clock, a request may still have an effect. */
  clockSetBack(): void {
    this.#trustsNotAfter = false;
    this.#hasForgotten = true;
  }

  leaseDeleted(): void {
    this.#leaderMayBeElsewhere();
    this.#hasForgotten = true;
  }

  memoryChanged(): void {
    this.#hasForgotten = true;
    // Each of two leaders may restore its lease while it still trusts it.
    const { now } = this.#schedule;
    if (now < this.#forcedUntil) this.#forcedUntil = now + 2.5 * this.#ttl;
  }

  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  gained(candidate: Candidate, { token }: Term): void {
    this.elections += 1;
    this.ledAt = this.#schedule.now;
    if (token <= this.#largestElected && this.#schedule.now >= this.#forcedUntil) {
      const text = `${candidate.name} was elected with ${token} after ${this.#largestElected}`;
      this.complain("I2", text);
    }
    this.#largestElected = Math.max(this.#largestElected, token);
    const lease = this.#leaseOf(candidate, token);
    if (lease === undefined || candidate.process.time > lease.endsAt + GRAIN) {
      this.complain("I3", `${candidate.name} was elected without a lease of token ${token}`);
    } else this.#held.set(candidate, lease);
    for (const other of this.#candidates)
      if (other !== candidate) this.#checkReported(other, candidate);
  }

  prolonged(): void {
    this.renewals += 1;
    this.ledAt = this.#schedule.now;
  }

  stopped(candidate: Candidate, departure: Departure): void {
    if (candidate.reported) this.complain("I7", `${candidate.name} stopped without a report`);
    if (departure === "unconfirmed") {
      this.left(candidate);
      return;
    }
    this.#unconfirmed.delete(candidate);
    if (!this.#hasForgotten) this.#checkNothingLeft(candidate, departure);
  }

  left(candidate: Candidate): void {
    this.#unconfirmed.add(candidate);
    for (const [nonce, lease] of this.#leases) {
      if (isOf(candidate, nonce)) lease.end(); // It was reported, and ends by itself.
    }
  }

  /** A write reaches the fenced resource, which rejects tokens below the largest one so far. */
  wrote(candidate: Candidate, token: number): void {
    if (token < this.#largestWritten) return;
    this.#largestWritten = token;
    const writer = this.#writers.get(token) ?? candidate;
    this.#writers.set(token, writer);
    if (writer === candidate) return;
    this.complain("I10", `${candidate.name} wrote with token ${token} of ${writer.name}`);
  }

  /** Called after an event in this candidate's process, and everything that followed from it. */
  check(candidate: Candidate): void {
    if (candidate.hasStopped && candidate.timers > 0) {
      this.complain("I7", `${candidate.name} has stopped and has ${candidate.timers} timers`);
    }
    const contradiction = contradictionIn(candidate);
    if (contradiction !== undefined) this.complain("I5", contradiction);
    if (!candidate.believes()) return;
    const { now } = this.#schedule;
    const { reported } = candidate;
    if (!candidate.process.isBusy && reported?.token !== candidate.elector.term?.token) {
      this.complain("I6", `${candidate.name} believes in a term that its callbacks do not know`);
    }
    const lease = this.#held.get(candidate);
    if (reported !== undefined && lease?.tokens.has(reported.token) && now > lease.endsAt + GRAIN) {
      this.complain("I4", `${candidate.name} believes in a lease that ended at ${lease.endsAt}`);
    }
    if (now < this.#forcedUntil) return;
    for (const other of this.#candidates) {
      if (other !== candidate && other.believes()) {
        this.complain("I1", `${candidate.name} and ${other.name} both believe that they lead`);
      }
    }
  }

  /** Called when a server has executed a request. */
  executed(done: Executed): void {
    const { server, number, isUninformed, reply, sentAt, isRepeat } = done;
    const { args } = done.request;
    const [status, nonce = ""] = [String(reply[0]), args[4]];
    if (status === "granted") {
      const lease = this.#leases.get(nonce) ?? new KnownLease(this.#servers, server);
      if (isUninformed) this.#leaderMayBeElsewhere();
      lease.prolong(number, this.#endOf(done), isRepeat);
      this.#onGranted(nonce, lease, Number(reply.at(-2)));
      if (!isRepeat) this.#checkStopped(nonce, server);
    } else if (status === "renewed") {
      const lease = this.#leases.get(nonce);
      // One of several servers remembers a released lease until it gets a larger token, and so accepts a
      // renewal that the release has overtaken.
      const hasMovedOn = this.#servers > 1 && Number(reply[1]) > Number(args[9]);
      const isOvertaken = hasMovedOn && lease?.wasReleasedSince(sentAt) === true;
      const isStray = isRepeat || isOvertaken;
      lease?.prolong(number, this.#endOf(done), isStray);
      // On a server that lost the lease, a renewal under way may restore it.
      if (!isStray && !this.#hasForgotten) this.#checkStopped(nonce, server);
    } else if (status === "held") {
      const refused = this.#candidates.find((each) => isOf(each, nonce));
      refused?.refusedAt.set(number, this.#schedule.now);
    } else if (status === "released" || status === "none") {
      this.#onReleased(number, args[0] ?? "", status === "released", sentAt);
    }
    if (status === "renewed" || status === "superseded") this.#checkWanted(number, nonce, sentAt);
    this.#journal.note(
      "server",
      status.length,
      () => `answers ${reply.join(" ")} to ${args.join(" ")}`,
    );
  }

  /** A documented limit: for this long there may be two leaders. */
  #leaderMayBeElsewhere(): void {
    const until = this.#schedule.now + 1.5 * this.#ttl;
    this.#forcedUntil = Math.max(this.#forcedUntil, until);
  }

  #onGranted(nonce: string, lease: KnownLease, token: number): void {
    this.grants += 1;
    if (token <= this.#largestGranted && this.#givesTokens) {
      this.complain("I2", `${nonce} was granted ${token} after ${this.#largestGranted}`);
    }
    this.#largestGranted = Math.max(this.#largestGranted, token);
    lease.tokens.add(token);
    this.#leases.set(nonce, lease);
  }

  /** From now on another candidate may hold it. */
  #onReleased(server: number, nonce: string, hadIt: boolean, sentAt: number): void {
    const lease = this.#leases.get(nonce);
    if (lease === undefined) return;
    const { now } = this.#schedule;
    lease.askedToEnd(server, now, sentAt);
    const owner = this.#candidates.find((each) => isOf(each, nonce));
    if (owner?.drain.keeps(lease.tokens, now) === true) {
      this.complain("I13", `${owner.name} gave its lease back before work and callbacks settled`);
    }
    if (!hadIt) return;
    const believed = owner?.reported && this.#leaseOf(owner, owner.reported.token);
    lease.release(server);
    if (lease.endsAt <= now) lease.end();
    if (believed !== lease) return;
    this.complain("I5", `${owner?.name} released its lease before it reported the loss`);
  }

  /** What is given back must not be asked for again: a server that has lost it would grant it. */
  #checkWanted(server: number, nonce: string, sentAt: number): void {
    if (this.#leases.get(nonce)?.wasGivenUpBefore(server, sentAt) !== true) return;
    this.complain("I7", `a renewal for ${nonce} was sent after its release`);
  }

  /** A candidate that reports a confirmed stop must have released every lease that it requested. */
  #checkNothingLeft(candidate: Candidate, departure: Departure): void {
    const { name, process } = candidate;
    for (const [nonce, { askedUntil, isOver, rate }] of this.#leases) {
      if (!isOf(candidate, nonce) || isOver) continue;
      // A block has put the process ahead of the world, so in its time the lease may have ended.
      if (askedUntil <= process.time || process.clocks.rate !== rate) continue;
      this.complain("I7", `${name} has stopped, lease ${departure}, and ${nonce} still has one`);
    }
  }

  /**
   * After a confirmed stop, no message still under way may acquire the lease. Two cases are exempt: notAfter
   * is only as exact as the clocks agree, and later than it should be after a sleep, which is rounded up;
   * and no real client sends a command twice.
   */
  #checkStopped(nonce: string, { rate }: Executed["server"]): void {
    const lease = this.#leases.get(nonce);
    // A minority of several servers cannot elect a leader.
    if ((lease?.askedUntil ?? 0) <= this.#schedule.now) return;
    const owner = this.#candidates.find((each) => isOf(each, nonce));
    if (!this.#trustsNotAfter || owner === undefined) return;
    const { clocks } = owner.process;
    // One that is ahead of the world has stopped later than now.
    if (clocks.rate !== rate || clocks.hasSlept || owner.process.isBusy) return;
    if (owner.hasStopped && !this.#unconfirmed.has(owner)) {
      this.complain("I7", `${nonce} took the lease after ${owner.name} had stopped`);
    }
  }

  /**
   * One server grants a token once. What candidates propose may be the same token twice, on several servers with some
   * votes for each. Then the attempt that has the lease, or had it last, counts.
   */
  #leaseOf(candidate: Candidate, token: number): KnownLease | undefined {
    let found: KnownLease | undefined;
    for (const [nonce, lease] of this.#leases) {
      const isOwn = this.#givesTokens || isOf(candidate, nonce);
      if (!isOwn || !lease.tokens.has(token)) continue;
      if (found === undefined || lease.endsAt > found.endsAt) found = lease;
    }
    return found;
  }

  #endOf({ server, request, ago = 0 }: Executed): number {
    return this.#schedule.now - ago + Number(request.args[7]) / 1000 / server.rate;
  }

  /** A loss must be emitted before another candidate is elected, if the process could run. */
  #checkReported(other: Candidate, winner: Candidate): void {
    const { process, reported } = other;
    const { now } = this.#schedule;
    const canRun = process.isFree && !process.isDead;
    if (reported === undefined || !canRun || now < this.#forcedUntil) return;
    const overdue = process.clocks.monotonicAt(now) - other.trustEnds;
    if (overdue > REPORTING && now - process.freeSince > REPORTING) {
      this.complain("I5", `${other.name} did not report its loss before ${winner.name} gained`);
    }
  }
}
