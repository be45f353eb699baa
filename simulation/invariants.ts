import type { Departure } from "../src/elector/elector.ts";
import type { Term } from "../src/elector/term.ts";
import type { Candidate, Watchers } from "./candidate.ts";
import type { Journal } from "./journal.ts";
import { KnownLease } from "./known-lease.ts";
import type { Scenario } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";
import type { Executed, SimulatedServer } from "./simulated-server.ts";

/** A promise that was not kept. */
export interface Violation {
  /** Which: I1 to I12 of docs/internals/simulation.md. */
  readonly invariant: string;
  readonly text: string;
  /** The world's time, in ms. */
  readonly at: number;
}

/** How late a loss may be told by a process that could always run: timers are not exact. */
const TELLING = 6;
/** Clocks of servers count in whole µs. */
const GRAIN = 0.002;

/** Watches over what must be true at every moment. The first violation ends a run. */
export class Invariants implements Watchers {
  violation: Violation | undefined;
  elections = 0;
  renewals = 0;
  grants = 0;
  readonly #schedule: Schedule;
  readonly #journal: Journal;
  readonly #ttl: number;
  readonly #servers: number;
  readonly #candidates: Candidate[] = [];
  /** By nonce. */
  readonly #leases = new Map<string, KnownLease>();
  /** By the candidate that leads, or led last, by it. */
  readonly #held = new Map<Candidate, KnownLease>();
  readonly #unconfirmed = new Set<Candidate>();
  /** By token: who wrote with it. */
  readonly #writers = new Map<number, Candidate>();
  #largestWritten = 0;
  #largestGranted = 0;
  #largestElected = 0;
  /** A server has not the memory or the clock any more that it had. */
  #hasForgotten = false;
  /** A lease was deleted by hand: until then there may be two leaders. */
  #forcedUntil = 0;
  #trustsNotAfter = true;
  /** The moment of the last election or renewal. */
  ledAt = -1;

  constructor(schedule: Schedule, journal: Journal, { timing, servers }: Scenario) {
    this.#schedule = schedule;
    this.#journal = journal;
    this.#ttl = timing.ttl;
    this.#servers = servers.length;
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

  complain(invariant: string, text: string): void {
    this.#journal.note("", 0, () => `VIOLATION of ${invariant}: ${text}`);
    this.violation ??= { invariant, text, at: this.#schedule.now };
  }

  /** What is to have no effect after a moment of the server's clock may have one for so much longer. */
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
    // Of two leaders each may restore its lease, while it still believes in it.
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
      if (other !== candidate) this.#checkTold(other, candidate);
  }

  prolonged(): void {
    this.renewals += 1;
    this.ledAt = this.#schedule.now;
  }

  stopped(candidate: Candidate, departure: Departure): void {
    if (candidate.told !== undefined) this.complain("I7", `${candidate.name} stopped untold`);
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
      if (isOf(candidate, nonce)) lease.isOver = true; // It was told of, and ends by itself.
    }
  }

  /** A write reaches the resource that is fenced by tokens; it refuses those below the largest. */
  wrote(candidate: Candidate, token: number): void {
    if (token < this.#largestWritten) return;
    this.#largestWritten = token;
    const writer = this.#writers.get(token) ?? candidate;
    this.#writers.set(token, writer);
    if (writer === candidate) return;
    this.complain("I10", `${candidate.name} wrote with token ${token} of ${writer.name}`);
  }

  /** After everything that followed from something in this candidate's process. */
  check(candidate: Candidate): void {
    if (candidate.hasStopped && candidate.timers > 0) {
      this.complain("I7", `${candidate.name} has stopped and has ${candidate.timers} timers`);
    }
    if (!candidate.believes()) return;
    const { now } = this.#schedule;
    const { told } = candidate;
    if (!candidate.process.isBusy && told?.token !== candidate.elector.term?.token) {
      this.complain("I6", `${candidate.name} believes in a term that its callbacks do not know`);
    }
    const lease = this.#held.get(candidate);
    if (told !== undefined && lease?.tokens.has(told.token) && now > lease.endsAt + GRAIN) {
      this.complain("I4", `${candidate.name} believes in a lease that ended at ${lease.endsAt}`);
    }
    if (now < this.#forcedUntil) return;
    for (const other of this.#candidates) {
      if (other !== candidate && other.believes()) {
        this.complain("I1", `${candidate.name} and ${other.name} both believe that they lead`);
      }
    }
  }

  /** A server carried out a command. */
  executed({ server, number, isUninformed, args, reply, sentAt, isRepeat }: Executed): void {
    const [command = "", , count = "0"] = args;
    if (!command.startsWith("EVAL") || !Array.isArray(reply)) return;
    const first = 3 + Number(count);
    const status = String(reply[0]);
    const nonce = args[first + 4] ?? "";
    if (status === "granted") {
      const lease = this.#leases.get(nonce) ?? new KnownLease(this.#servers, server);
      if (isUninformed) this.#leaderMayBeElsewhere();
      lease.prolong(number, this.#endOf(server, args[first + 7] ?? ""), isRepeat);
      this.#onGranted(nonce, lease, Number(reply.at(-2)));
      if (!isRepeat) this.#checkStopped(nonce, server);
    } else if (status === "renewed") {
      const lease = this.#leases.get(nonce);
      // One of several servers remembers what was released until it hears of a larger token. Then it
      // takes the renewal that the release has overtaken.
      const hasMovedOn = this.#servers > 1 && Number(reply[5]) > Number(args[first + 9]);
      const isOvertaken = hasMovedOn && lease?.wasReleasedSince(sentAt) === true;
      const isStray = isRepeat || isOvertaken;
      lease?.prolong(number, this.#endOf(server, args[first + 7] ?? ""), isStray);
      // To a server that forgot the lease, a renewal on its way may bring it back.
      if (!isStray && !this.#hasForgotten) this.#checkStopped(nonce, server);
    } else if (status === "held") {
      const refused = this.#candidates.find((each) => isOf(each, nonce));
      refused?.refusedAt.set(number, this.#schedule.now);
    } else if (status === "released" || status === "none") {
      this.#onReleased(number, args[first] ?? "", status === "released");
    }
    this.#journal.note(
      "server",
      status.length,
      () => `answers ${reply.join(" ")} to ${args.slice(first).join(" ")}`,
    );
  }

  /** A limit that is documented: for so long there may be two leaders. */
  #leaderMayBeElsewhere(): void {
    const until = this.#schedule.now + 1.5 * this.#ttl;
    this.#forcedUntil = Math.max(this.#forcedUntil, until);
  }

  #onGranted(nonce: string, lease: KnownLease, token: number): void {
    this.grants += 1;
    // Several servers grant the same token, and not in the order in which it was proposed.
    if (token <= this.#largestGranted && this.#servers === 1) {
      this.complain("I2", `${nonce} was granted ${token} after ${this.#largestGranted}`);
    }
    this.#largestGranted = Math.max(this.#largestGranted, token);
    lease.tokens.add(token);
    this.#leases.set(nonce, lease);
  }

  /** From now on somebody else may have it. */
  #onReleased(server: number, nonce: string, hadIt: boolean): void {
    const lease = this.#leases.get(nonce);
    if (lease === undefined) return;
    lease.askedToEnd(this.#schedule.now);
    if (!hadIt) return;
    const owner = this.#candidates.find((each) => isOf(each, nonce));
    const believed = owner?.told && this.#leaseOf(owner, owner.told.token);
    lease.release(server);
    if (lease.endsAt <= this.#schedule.now) lease.isOver = true;
    if (believed !== lease) return;
    this.complain("I5", `${owner?.name} gave its lease back before it told of the loss`);
  }

  /** Whoever says that nothing is left of its leases must have given back all that it asked for. */
  #checkNothingLeft(candidate: Candidate, departure: Departure): void {
    const { name, process } = candidate;
    for (const [nonce, { askedUntil, isOver, rate }] of this.#leases) {
      if (!isOf(candidate, nonce) || isOver) continue;
      // A block has put the process ahead of the world: in its time the lease may have ended.
      if (askedUntil <= process.time || process.clocks.rate !== rate) continue;
      this.complain("I7", `${name} has stopped, lease ${departure}, and ${nonce} still has one`);
    }
  }

  /**
   * After a stop that was confirmed, nothing that is still on its way may take the lease. A not-after
   * is only as exact as the clocks are alike, and comes later than it should after a sleep, which is
   * counted rounded up; and no client sends a command twice.
   */
  #checkStopped(nonce: string, { rate }: SimulatedServer): void {
    const lease = this.#leases.get(nonce);
    // Of several servers a minority elects nobody.
    if ((lease?.askedUntil ?? 0) <= this.#schedule.now) return;
    const owner = this.#candidates.find((each) => isOf(each, nonce));
    if (!this.#trustsNotAfter || owner === undefined) return;
    const { clocks } = owner.process;
    if (clocks.rate !== rate || clocks.hasSlept) return;
    if (owner.hasStopped && !this.#unconfirmed.has(owner)) {
      this.complain("I7", `${nonce} took the lease after ${owner.name} had stopped`);
    }
  }

  /**
   * One server grants a token once. Of several, two candidates may each have some with the same one, and two
   * attempts of one candidate too: then the one that has a majority counts, or had it last.
   */
  #leaseOf(candidate: Candidate, token: number): KnownLease | undefined {
    let found: KnownLease | undefined;
    for (const [nonce, lease] of this.#leases) {
      const isOwn = this.#servers === 1 || isOf(candidate, nonce);
      if (!isOwn || !lease.tokens.has(token)) continue;
      if (found === undefined || lease.endsAt > found.endsAt) found = lease;
    }
    return found;
  }

  #endOf(server: SimulatedServer, ttlMicros: string): number {
    return this.#schedule.now + Number(ttlMicros) / 1000 / server.rate;
  }

  /** A loss is told before somebody else gains, if the process could run. */
  #checkTold(other: Candidate, winner: Candidate): void {
    const { process, told } = other;
    const { now } = this.#schedule;
    if (told === undefined || process.isDead || !process.isFree || now < this.#forcedUntil) return;
    const overdue = process.clocks.monotonicAt(now) - other.trustEnds;
    if (overdue > TELLING && now - process.freeSince > TELLING) {
      this.complain("I5", `${other.name} was not told of its loss before ${winner.name} gained`);
    }
  }
}

/** Whether the nonce is of an attempt of this candidate. */
function isOf({ name }: Candidate, nonce: string): boolean {
  return nonce.startsWith(`${name}.`);
}
