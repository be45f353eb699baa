import type { Departure } from "../elector/elector.ts";
import type { Term } from "../elector/term.ts";
import type { Candidate, Watchers } from "./candidate.ts";
import type { Journal } from "./journal.ts";
import type { Schedule } from "./schedule.ts";
import type { Executed, SimulatedServer } from "./simulated-server.ts";

/** A promise that was not kept. */
export interface Violation {
  /** Which: I1 to I11 of docs/simulation.md. */
  readonly invariant: string;
  readonly text: string;
  /** The world's time, in ms. */
  readonly at: number;
}

/** A lease, as the outside knows it: by what servers carried out. */
interface KnownLease {
  readonly token: number;
  /** When it ends at the server that prolonged it last, in the world's time. */
  endsAt: number;
  /** It was given back. */
  isOver: boolean;
  /** The network alone has asked for it. */
  readonly isRepeat: boolean;
  /** How fast the server's clock runs. */
  readonly rate: number;
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
  readonly #candidates: Candidate[] = [];
  /** By nonce. */
  readonly #leases = new Map<string, KnownLease>();
  /** By token. */
  readonly #granted = new Map<number, KnownLease>();
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

  constructor(schedule: Schedule, journal: Journal, ttl: number) {
    this.#schedule = schedule;
    this.#journal = journal;
    this.#ttl = ttl;
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
    this.#forcedUntil = this.#schedule.now + 1.5 * this.#ttl;
    this.#hasForgotten = true;
  }

  memoryChanged(): void {
    this.#hasForgotten = true;
  }

  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  gained(candidate: Candidate, { token }: Term): void {
    this.elections += 1;
    this.ledAt = this.#schedule.now;
    if (token <= this.#largestElected && this.#schedule.now >= this.#forcedUntil) {
      this.complain(
        "I2",
        `${candidate.name} was elected with ${token} after ${this.#largestElected}`,
      );
    }
    this.#largestElected = Math.max(this.#largestElected, token);
    const lease = this.#granted.get(token);
    if (lease === undefined || candidate.process.time > lease.endsAt + GRAIN) {
      this.complain("I3", `${candidate.name} was elected without a lease of token ${token}`);
    }
    for (const other of this.#candidates)
      if (other !== candidate) this.#checkTold(other, candidate);
  }

  lost(_candidate: Candidate, { token, signal }: Term): void {
    // A forced exit releases nothing: the lease may be somebody else's, and ends by itself.
    const wasForced = !["resigned", "stopped"].includes(signal.reason?.reason);
    const lease = this.#granted.get(token);
    if (wasForced && lease !== undefined) lease.isOver = true;
  }

  prolonged(): void {
    this.renewals += 1;
    this.ledAt = this.#schedule.now;
  }

  stopped(candidate: Candidate, departure: Departure): void {
    if (candidate.told !== undefined) this.complain("I7", `${candidate.name} stopped untold`);
    if (departure === "unconfirmed") {
      this.#unconfirmed.add(candidate);
      for (const [nonce, lease] of this.#leases) {
        if (isOf(candidate, nonce)) lease.isOver = true; // It was told of, and ends by itself.
      }
      return;
    }
    this.#unconfirmed.delete(candidate);
    if (!this.#hasForgotten) this.#checkNothingLeft(candidate, departure);
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
    const lease = told && this.#granted.get(told.token);
    if (lease !== undefined && now > lease.endsAt + GRAIN) {
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
  executed({ server, args, reply, isRepeat }: Executed): void {
    const [command = "", , count = "0"] = args;
    if (!command.startsWith("EVAL") || !Array.isArray(reply)) return;
    const first = 3 + Number(count);
    const status = String(reply[0]);
    const nonce = args[first + 4] ?? "";
    if (status === "granted") {
      this.#onGranted(nonce, {
        token: Number(reply[5]),
        endsAt: this.#endOf(server, args[first + 7] ?? ""),
        isOver: false,
        isRepeat,
        rate: server.rate,
      });
      if (!isRepeat) this.#checkStopped(nonce, server);
    } else if (status === "renewed") {
      if (!isRepeat) this.#checkStopped(nonce, server);
      const lease = this.#leases.get(nonce);
      if (lease !== undefined) {
        lease.endsAt = Math.max(lease.endsAt, this.#endOf(server, args[first + 7] ?? ""));
      }
    } else if (status === "held") {
      const refused = this.#candidates.find((each) => isOf(each, nonce));
      if (refused !== undefined) refused.refusedAt = this.#schedule.now;
    } else if (status === "released") this.#onReleased(args[first] ?? "");
    this.#journal.note(
      "server",
      status.length,
      () => `answers ${reply.join(" ")} to ${args.slice(first).join(" ")}`,
    );
  }

  #onGranted(nonce: string, lease: KnownLease): void {
    const { token } = lease;
    this.grants += 1;
    if (token <= this.#largestGranted) {
      this.complain("I2", `${nonce} was granted ${token} after ${this.#largestGranted}`);
    }
    this.#largestGranted = Math.max(this.#largestGranted, token);
    this.#leases.set(nonce, lease);
    this.#granted.set(token, lease);
  }

  /** From now on somebody else may have it. */
  #onReleased(nonce: string): void {
    const lease = this.#leases.get(nonce);
    if (lease === undefined) return;
    lease.isOver = true;
    const untold = this.#candidates.find(({ told }) => told?.token === lease.token);
    if (untold === undefined) return;
    this.complain("I5", `${untold.name} gave its lease back before it told of the loss`);
  }

  /** Whoever says that nothing is left of its leases must have given back all that it asked for. */
  #checkNothingLeft(candidate: Candidate, departure: Departure): void {
    const { name, process } = candidate;
    for (const [nonce, { endsAt, isOver, isRepeat, rate }] of this.#leases) {
      if (!isOf(candidate, nonce) || isOver || isRepeat) continue;
      if (endsAt <= this.#schedule.now || process.clocks.rate !== rate) continue;
      this.complain("I7", `${name} has stopped, lease ${departure}, and ${nonce} still has one`);
    }
  }

  /**
   * After a stop that was confirmed, nothing that is still on its way may take the lease. A not-after
   * is only as exact as the clocks are alike; and no client sends a command twice.
   */
  #checkStopped(nonce: string, { rate }: SimulatedServer): void {
    const owner = this.#candidates.find((each) => isOf(each, nonce));
    if (!this.#trustsNotAfter || owner === undefined || owner.process.clocks.rate !== rate) return;
    if (owner.hasStopped && !this.#unconfirmed.has(owner)) {
      this.complain("I7", `${nonce} took the lease after ${owner.name} had stopped`);
    }
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
