import { type Departure, Elector } from "../src/elector/elector.ts";
import type { Term } from "../src/elector/terms/term.ts";
import { isIncumbentError } from "../src/errors.ts";
import type { LeaseStore } from "../src/stores/lease-store.ts";
import { Drain } from "./drain.ts";
import type { Journal } from "./journal.ts";
import type { Random } from "./random.ts";
import type { CandidatePlan, Reaction, ScenarioTiming, WorkPlan } from "./scenario.ts";
import type { SimulatedProcess } from "./simulated-process.ts";
import { WorkFailed, work } from "./work.ts";

/** The events of a candidate, for the invariants and the transcript. */
export interface Watchers {
  gained(candidate: Candidate, term: Term): void;
  prolonged(candidate: Candidate, term: Term): void;
  stopped(candidate: Candidate, departure: Departure): void;
  /** Its elector has stopped without a confirmed release of the lease. */
  left(candidate: Candidate): void;
  wrote(candidate: Candidate, token: number): void;
  /** An invariant is violated. */
  complain(invariant: string, text: string): void;
}

/** The surroundings of a candidate. */
export interface Surroundings {
  readonly name: string;
  /** The key of its election. */
  readonly key: string;
  readonly process: SimulatedProcess;
  readonly random: Random;
  /** The source of the random part of a nonce. */
  readonly nonces: Random;
  readonly store: LeaseStore;
  readonly timing: ScenarioTiming;
  readonly journal: Journal;
  readonly watchers: Watchers;
  onStopped(candidate: Candidate): void;
}

const NOTHING: Reaction = { does: "nothing" };

/** The rounding error of a sum of times, in ms. */
const ROUNDING = 1e-3;

/** A real elector with a simulated user. */
export class Candidate {
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly elector: Elector;
  readonly #plan: CandidatePlan;
  readonly #around: Surroundings;
  /** The term from its `elected` event to its `deposed` event. */
  reported: Term | undefined;
  /** When the trust in its term ends, on its machine's monotonic clock. */
  trustEnds = 0;
  /** How many timers of its elector are armed. */
  timers = 0;
  /** When it last emitted a loss, in the world's time. */
  lostAt = Number.NEGATIVE_INFINITY;
  /** When each server, by number, last answered that the lease is held. */
  readonly refusedAt = new Map<number, number>();
  /** When one of its requests last failed, in the world's time. */
  failedAt = Number.NEGATIVE_INFINITY;
  /** Whether the work of `lead` has begun and not settled. */
  isWorking = false;
  /** Whether `stop` has resolved and the elector has not been started again. */
  hasStopped = false;
  readonly drain: Drain;
  readonly #released = new AbortController();
  #beliefEnds = 0;
  #attempts = 0;
  #gains = 0;
  #losses = 0;
  #behaves = false;
  #isRunning = false;

  constructor(plan: CandidatePlan, around: Surroundings) {
    const { name, key, process, random, nonces, store, timing } = around;
    this.name = name;
    this.process = process;
    this.#plan = plan;
    this.drain = new Drain(process, timing.drainTimeout);
    this.#around = around;
    const clock = process.clock((change) => {
      this.timers += change;
    });
    const nonce = () => {
      this.#attempts += 1;
      return `${name}.${this.#attempts}.${nonces.whole(0, 0xffff_ffff).toString(16).padStart(8, "0")}`;
    };
    this.elector = new Elector(
      store,
      key,
      { ...timing, nodeId: plan.nodeId },
      // Few, so that runs with several elections wait for their turn.
      { clock, nonce, jitter: () => random.fraction(), maxConcurrentAcquires: 2 },
    );
    this.elector.onLeadershipChange((isLeader, term) => this.#first(isLeader, term));
    this.elector.onLeadershipChange((isLeader, term) => this.#second(isLeader, term));
    this.elector.on("storeError", () => {
      this.failedAt = process.time;
    });
    this.elector.on("renewed", ({ term }) => {
      this.#checkIsNotOver(term);
      this.#trust(term);
      around.watchers.prolonged(this, term);
    });
  }

  /** Whether `isLeader()` in its process would return true at this moment of the world. */
  believes(): boolean {
    const { process } = this;
    if (process.isDead || process.isAsleep) return false;
    if (process.isBusy) {
      return process.clocks.monotonicAt(process.time) < this.#beliefEnds;
    }
    return this.elector.isLeader();
  }

  /** Called when its process blocks: until that ends, its belief cannot change. */
  onBlock(): void {
    const { clocks, time } = this.process;
    this.#beliefEnds = clocks.monotonicAt(time) + (this.elector.term?.remaining() ?? 0);
  }

  /** From now on its callbacks only record events. */
  behave(): void {
    this.#behaves = true;
  }

  start(): void {
    this.#note(1, "starts");
    this.elector.start().then(() => {}, this.#expect("INCUMBENT_ALREADY_STARTED"));
    this.hasStopped = false;
    this.#isRunning = true;
  }

  stop(): void {
    this.#note(3, "is asked to stop");
    this.elector.stop().then(
      (departure) => {
        this.#note(4, `has stopped, lease ${departure}`);
        this.hasStopped = true;
        this.#isRunning = false;
        this.#around.watchers.stopped(this, departure);
        this.#around.onStopped(this);
      },
      (error) => this.#around.watchers.complain("I7", `stop() of ${this.name} failed: ${error}`),
    );
  }

  resign(): void {
    this.#note(5, "is asked to resign");
    this.elector.resign().then(
      (departure) => this.#note(6, `has resigned, lease ${departure}`),
      (error) => this.#around.watchers.complain("G8", `resign() of ${this.name} failed: ${error}`),
    );
  }

  lead(plan: WorkPlan): void {
    this.#note(7, "is given work to lead");
    this.hasStopped = false;
    const starts = !this.#isRunning;
    this.#isRunning = true;
    this.elector
      .lead((term) => this.#work(plan, term), { signal: this.#released.signal })
      .then(
        () => this.#note(8, "has done the work"),
        this.#expect("INCUMBENT_STOPPED", "INCUMBENT_ALREADY_LEADING", "INCUMBENT_ALREADY_STARTED"),
      )
      .finally(() => starts && this.#hasLed());
  }

  /** The function that started the elector has stopped it without reporting the fate of the lease. */
  #hasLed(): void {
    this.#isRunning = false;
    this.#around.watchers.left(this);
    // A start() in the meantime was refused.
    this.#around.onStopped(this);
  }

  /** Called when the run is over: a signal with a listener would keep the whole world in memory. */
  release(): void {
    this.#released.abort();
  }

  #work(plan: WorkPlan, term: Term): Promise<void> {
    this.#note(9, "works");
    this.isWorking = true;
    return this.drain.follow(term.token, work(plan, term, this.process)).finally(() => {
      this.isWorking = false;
    });
  }

  #first(isLeader: boolean, term: Term): Promise<unknown> | undefined {
    const { watchers } = this.#around;
    this.#agree(isLeader, term);
    if (isLeader) {
      this.#note(10, `is elected, token ${term.token}`);
      if (this.reported !== undefined)
        watchers.complain("I5", `${this.name} reported a second gain`);
      this.reported = term;
      this.#trust(term);
      watchers.gained(this, term);
      this.#write(term);
      this.#gains += 1;
      return this.#react(this.#plan.gains, this.#gains, term);
    }
    this.#note(11, `is deposed, token ${term.token}`);
    if (this.reported !== term)
      watchers.complain("I5", `${this.name} reported a loss without a gain`);
    this.reported = undefined;
    this.lostAt = this.process.time;
    // Also if a callback before this one blocked the process, and one after it does again (seed 1118674).
    this.#beliefEnds = Math.min(this.#beliefEnds, this.process.clocks.monotonicAt(this.lostAt));
    if (!term.signal.aborted) watchers.complain("I5", `${this.name}: the signal is not aborted`);
    this.#losses += 1;
    this.drain.lost(term);
    return this.#react(this.#plan.losses, this.#losses, term);
  }

  /** Always follows another event, never comes first. */
  #second(isLeader: boolean, term: Term): void {
    this.#agree(isLeader, term);
    const isInOrder = isLeader ? this.reported === term : this.reported === undefined;
    if (!isInOrder) {
      this.#around.watchers.complain("I5", `${this.name}: callbacks were called out of order`);
    }
  }

  #agree(isLeader: boolean, { token }: Term): void {
    const { watchers } = this.#around;
    if (this.hasStopped) watchers.complain("I7", `${this.name} called a callback after its stop`);
    if (this.elector.isLeader() !== isLeader) {
      const text = `${this.name}: isLeader() is ${!isLeader} in the callback of token ${token}`;
      watchers.complain("I5", text);
    }
  }

  #react(
    reactions: readonly Reaction[],
    count: number,
    { token }: Term,
  ): Promise<unknown> | undefined {
    const reaction = reactions[(count - 1) % reactions.length] ?? NOTHING;
    if (this.#behaves || reaction.does === "nothing") return undefined;
    this.#note(12, `a callback ${reaction.does}`);
    switch (reaction.does) {
      case "throws":
        throw new CallbackFailed();
      case "rejects":
        return Promise.reject(new CallbackFailed());
      case "lasts":
        return this.drain.takeTime(token, reaction.for);
      case "stops":
        this.stop();
        break;
      case "resigns":
        this.resign();
        break;
      case "blocks":
        this.process.block(reaction.for);
        break;
    }
    return undefined;
  }

  /** Writes to a fenced resource. The write arrives late, sometimes long after the term is over. */
  #write({ token }: Term): void {
    const { random, timing, watchers } = this.#around;
    const delay = random.chance(0.3) ? random.between(0, 2 * timing.ttl) : 1;
    this.process.send(delay, () => watchers.wrote(this, token));
  }

  /** A term that was over when the answer arrived must not come back. */
  #checkIsNotOver(term: Term): void {
    const { clocks, time } = this.process;
    if (this.reported !== term || clocks.monotonicAt(time) <= this.trustEnds + ROUNDING) return;
    this.#around.watchers.complain("I6", `${this.name} was renewed when its term was over`);
  }

  #trust(term: Term): void {
    const { clocks, time } = this.process;
    this.trustEnds = clocks.monotonicAt(time) + term.remaining();
  }

  #expect(...codes: string[]): (error: unknown) => void {
    return (error) => {
      if (error instanceof WorkFailed) return;
      if (isIncumbentError(error) && codes.includes(error.code)) return;
      this.#around.watchers.complain("G8", `${this.name}: ${error}`);
    };
  }

  #note(value: number, words: string): void {
    this.#around.journal.note(this.name, value, () => words);
  }
}

class CallbackFailed extends Error {}
