import { setTimeout as sleep } from "node:timers/promises";
import { type Random, randomOf } from "../../chaos/random.ts";
import { Report } from "../../chaos/report.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import type { Message } from "../candidate-process.ts";
import { type Candidate, now, Troupe } from "../troupe.ts";
import type { Address, LedgerDatabase } from "./databases.ts";
import { type LateRow, lateRows } from "./order.ts";

/** What is done to a leader that has halted inside its transaction. The last three need a server. */
const FAULTS = ["killed", "paused", "cut off", "answers lost", "held up"] as const;
type Fault = (typeof FAULTS)[number];

/** Where it has halted: before and after the fence, between two writes, and while its COMMIT is on its way. */
const POINTS = ["begun", "fenced", "written", "committing"] as const;
type Point = (typeof POINTS)[number];

/** How transactions are guarded; all but the fence are mistakes, to see that they are found. */
export const GUARDS = ["fence", "check", "none"] as const;
export type Guard = (typeof GUARDS)[number];

/** How many processes take part at a time. */
const CROWD = 3;

/**
 * In ms: the least that MariaDB knows. Without a lock it is so long that it does not do the work of the lock. SQLite has
 * no such limit.
 */
const idleTimeout = (guard: Guard): number => (guard === "fence" ? 1_000 : 60_000);

/** How long a leader may be waited for that halts, in ms: on a busy machine all of them may fail for minutes. */
const PATIENCE = 300_000;

/** What is asked for. */
export interface Course {
  readonly guard: Guard;
  readonly rounds: number;
  readonly seed: number;
  /** In ms. */
  readonly ttl: number;
  /** After each round. */
  readonly onRound?: (round: number) => void;
}

/** What came of it. */
export interface Outcome {
  readonly rows: number;
  /** Terms with at least one row. */
  readonly terms: number;
  /** Transactions that failed, by what their processes got for it. */
  readonly refused: ReadonlyMap<string, number>;
  readonly late: readonly LateRow[];
  /** What is wrong with what the processes believed, with what was said around it. */
  readonly unsound: string | undefined;
  /** By fault: how long it took until the next term began. */
  readonly report: Report;
}

/** Does things to leaders inside their transactions, one after another. */
export async function runRounds(course: Course, database: LedgerDatabase): Promise<Outcome> {
  const company = new Company(course, database);
  try {
    for (let seat = 0; seat < CROWD; seat += 1) await company.enlist();
    const faults = FAULTS.slice(0, database.port === undefined ? 2 : undefined);
    for (let round = 0; round < course.rounds; round += 1) {
      const fault = round % faults.length;
      // Every fault at every point, in the end.
      const point = (fault + Math.floor(round / faults.length)) % POINTS.length;
      await company.play(faults[fault] ?? "killed", POINTS[point] ?? "begun");
      course.onRound?.(round + 1);
    }
    await company.disperse();
    return company.outcome(await database.tokens());
  } finally {
    await company.disperse();
  }
}

/** The processes of a run. */
class Company {
  readonly #course: Course;
  readonly #database: LedgerDatabase;
  readonly #random: Random;
  readonly #troupe = new Troupe();
  readonly #report = new Report();
  readonly #proxies = new Map<Candidate, TcpProxy>();
  #enlisted = 0;

  constructor(course: Course, database: LedgerDatabase) {
    this.#course = course;
    this.#database = database;
    this.#random = randomOf(course.seed);
  }

  /** Each has a proxy of its own, for all of its connections. */
  async enlist(): Promise<void> {
    const { guard, ttl } = this.#course;
    const { port } = this.#database;
    const proxy = port === undefined ? undefined : await startProxy(port);
    const address = this.#database.address(proxy?.port);
    this.#enlisted += 1;
    const candidate = this.#troupe.add(`c${this.#enlisted}`, {
      store: address,
      options: { ttl },
      ledger: { database: address, guard, fence: fenceOptions(address, guard) },
    });
    if (proxy !== undefined) this.#proxies.set(candidate, proxy);
  }

  /** One round: waits for a leader that halts, and ends when the fault is over. */
  async play(fault: Fault, point: Point): Promise<void> {
    const halted = this.#troupe.next("halted", undefined, PATIENCE);
    this.#tellAll("trap", { point, after: this.#random.between(0, 3) });
    const { candidate: leader, message: halt } = await halted;
    this.#tellAll("trap", {});
    const began = now();
    const isVictim = (candidate: Candidate) => candidate === leader;
    const ended = fault === "killed" ? undefined : this.#troupe.next("ended", isVictim, PATIENCE);
    // It may be the same process.
    const isNext = (_: Candidate, { token = 0 }: Message) => token > (halt.token ?? 0);
    const succeeded = this.#troupe.next("elected", isNext, PATIENCE);
    await this.#inflict(fault, leader, this.#duration());
    await ended;
    const { message } = await succeeded;
    this.#report.add([fault], message.at - began, 0);
  }

  async #inflict(fault: Fault, leader: Candidate, duration: number): Promise<void> {
    const proxy = this.#proxies.get(leader);
    switch (fault) {
      case "killed":
        leader.signal("SIGKILL");
        await leader.exited();
        await proxy?.close();
        this.#proxies.delete(leader);
        return this.enlist();
      case "paused":
        leader.signal("SIGSTOP");
        await sleep(duration);
        leader.signal("SIGCONT");
        return leader.tell("go");
      case "cut off":
      case "answers lost":
        if (proxy === undefined) throw new Error("there is no server to be cut off from");
        proxy.mode = fault === "cut off" ? "swallow" : "swallow-replies";
        leader.tell("go");
        await sleep(duration);
        proxy.mode = "pass";
        return proxy.cut();
      case "held up":
        if (proxy === undefined) throw new Error("there is no server to be held up from");
        proxy.mode = "hold";
        leader.tell("go");
        await sleep(duration);
        proxy.mode = "pass";
        return proxy.letGo();
    }
  }

  /**
   * In ms. From what just lets another process be elected to long after the server has ended the transaction. Without
   * a fence it is long enough for the successor to have written.
   */
  #duration(): number {
    const { guard, ttl } = this.#course;
    return ttl * (guard === "fence" ? 1.2 + 2.4 * this.#random.fraction() : 3);
  }

  #tellAll(command: string, fields: object): void {
    for (const candidate of this.#troupe.candidates) {
      if (candidate.isRunning) candidate.tell(command, fields);
    }
  }

  outcome(tokens: readonly number[]): Outcome {
    const refused = new Map<string, number>();
    for (const { messages } of this.#troupe.candidates) {
      for (const { type, code = "" } of messages) {
        if (type === "refused") refused.set(code, (refused.get(code) ?? 0) + 1);
      }
    }
    return {
      rows: tokens.length,
      terms: new Set(tokens).size,
      refused,
      late: lateRows(tokens),
      unsound: this.#unsound(),
      report: this.#report,
    };
  }

  #unsound(): string | undefined {
    try {
      this.#troupe.expectSound();
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  async disperse(): Promise<void> {
    await this.#troupe.disperse();
    await Promise.all([...this.#proxies.values()].map((proxy) => proxy.close()));
    this.#proxies.clear();
  }
}

/** SQLite ends no transaction that stands still, and so takes no options. */
function fenceOptions({ kind }: Address, guard: Guard): { idleTimeout: number } | undefined {
  return kind === "sqlite" ? undefined : { idleTimeout: idleTimeout(guard) };
}
