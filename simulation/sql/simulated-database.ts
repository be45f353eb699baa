import { Contacts } from "../contacts.ts";
import type { TakenOver } from "../machines.ts";
import type { Database, ServerPlan } from "../scenario.ts";
import type { Schedule } from "../schedule.ts";
import { type Connected, type Executed, type Kept, SimulatedHost } from "../simulated-host.ts";
import { emptyMemory, type Memory } from "./memory.ts";
import type { Carried, Notice, Statement, Table, Transaction } from "./transaction.ts";
import { type Ends, Transactions } from "./transactions.ts";

/** A connection that can be notified. */
export interface Listening extends Connected {
  notify(notice: Notice): void;
}

/** What a database is given of the world around it. */
export interface DatabaseEvents {
  /** How long a statement stands still before its next step, in ms. */
  stall(): number;
  onExecuted(executed: Executed): void;
  /** For how long a process may believe in a lease at most, in ms. */
  readonly longestBelief: number;
}

/** What makes a server the one that it is: another value of any of them is another memory. */
interface Identity {
  readonly system: number;
  readonly timeline: number;
  readonly started: number;
  readonly files: number;
}

/** A database that runs while another one has its address. Their clocks agree. */
interface Machine {
  readonly identity: Identity;
  readonly data: Data;
  readonly older: Data;
}

interface Data {
  readonly memory: Memory;
  readonly hasTables: boolean;
}

/** Who a server says that it is. */
function runOf({ system, timeline, started, files }: Identity): string {
  return [system, timeline, started, files].join(".");
}

/** The first part of the identity of the second machine, which no loss of the first one's data leads to. */
const SECOND = 1001;

/** A server with an SQL database, its own clock, and the faults that can happen to such servers. */
export class SimulatedDatabase extends SimulatedHost {
  readonly #events: DatabaseEvents;
  readonly #listening = new Set<Listening>();
  readonly #kind: Database;
  #identity: Identity = { system: 1, timeline: 1, started: 1, files: 1 };
  #hasTables = false;
  #older: Data;
  #transactions: Transactions;
  #other: Machine | undefined;
  /** How often the address was given to the other machine. */
  #moves = 0;
  readonly #contacts = new Contacts();

  /** `second`: the other machine that has the address at times. */
  constructor(
    kind: Database,
    schedule: Schedule,
    plan: ServerPlan,
    events: DatabaseEvents,
    second?: Pick<ServerPlan, "isKnown">,
  ) {
    super(schedule, plan);
    this.#kind = kind;
    this.#events = events;
    const first = this.#dataOf(plan);
    this.#hasTables = first.hasTables;
    this.#transactions = this.#begin(first.memory);
    this.#older = first;
    if (second === undefined) return;
    const present = this.#identity;
    this.#identity = { ...present, system: SECOND };
    const data = this.#dataOf(second);
    this.#other = { identity: this.#identity, data, older: data };
    this.#identity = present;
  }

  get run(): string {
    return this.#kind === "mysql" ? `${this.session}/${this.made}` : runOf(this.#identity);
  }

  /** What MySQL says of itself: which process it is, and when its tables were made. */
  get session(): string {
    const { system, timeline, started } = this.#identity;
    return [system, timeline, started].join(".");
  }

  get made(): string {
    const { files } = this.#identity;
    return `InnoDB${files},InnoDB${files}`;
  }

  get hasTables(): boolean {
    return this.#hasTables;
  }

  /** The connection stays one that listens until it is closed. */
  readonly isListenedTo = false;

  isHeardBy(process: number): boolean {
    return [...this.#listening].some(({ processNumber }) => processNumber === process);
  }

  override detach(connection: Listening): void {
    super.detach(connection);
    this.#listening.delete(connection);
  }

  listen(connection: Listening): void {
    if (this.isAttached(connection)) this.#listening.add(connection);
  }

  createTables(): void {
    this.#hasTables = true;
  }

  /** How often the address was given to the other machine. */
  get moves(): number {
    return this.#moves;
  }

  /**
   * A statement arrives that was sent after so many moves: it is carried out at once, after a freeze, or never. What
   * is on its way to the other machine is lost with the connection.
   */
  receive(run: () => void, moves: number): void {
    if (moves === this.#moves) this.whenAwake(run);
  }

  /** Called when it answers who it is; the returned function when the process receives that. */
  hearing(process: number): () => void {
    return this.#contacts.hearing(process);
  }

  override forget(process: number): void {
    this.#contacts.forget(process);
    super.forget(process);
  }

  carryOut<Answer>(
    begin: (transaction: Transaction) => Statement<Answer>,
    { committed, gaveUp }: Ends<Answer>,
  ): void {
    const notified = (carried: Carried<Answer>, ago: number) => {
      committed(carried, ago);
      for (const notice of carried.notices) {
        for (const connection of this.#listening) connection.notify(notice);
      }
    };
    this.#transactions.carryOut(begin, { committed: notified, gaveUp });
  }

  executed(executed: Omit<Executed, "server" | "number" | "isUninformed">): void {
    const isUninformed = this.#contacts.isUninformed(executed.from);
    this.#events.onExecuted({ ...executed, server: this, number: 0, isUninformed });
  }

  keepSnapshot(): void {
    this.#older = this.#data;
  }

  override goDown(): void {
    this.#transactions.end();
    super.goDown();
  }

  /** A proxy leads to the other machine, which has run all the time; or a standby takes over. */
  takeOver(how: TakenOver): void {
    this.#transactions.end();
    this.cutOff();
    this.#moves += 1;
    this.#contacts.moved(how !== "own");
    if (how === "own") this.#exchange();
    else this.restart(how === "older" ? "older" : "kept", true);
  }

  /** Nothing evicts a row. */
  evict(): void {}

  /** TRUNCATE, which gives the tables other files. */
  flush(): void {
    const transactions = this.#transactions;
    transactions.whenIdle(() => {
      // MySQL keeps the stamp in the table of the elections.
      const stamp = this.#kind === "mysql" ? undefined : transactions.memory.stamp;
      this.#identity = { ...this.#identity, files: this.#identity.files + 1 };
      this.#transactions = this.#begin({ ...emptyMemory, stamp });
    });
  }

  /** DELETE of the row of an election, which waits for what is under way. */
  delete(key: string, onDeleted: () => void): void {
    const transactions = this.#transactions;
    transactions.whenIdle(() => {
      const { memory } = transactions;
      const elections = new Map(memory.elections);
      elections.delete(key);
      transactions.memory = { ...memory, elections };
      onDeleted();
    });
  }

  /** Another program has a row for so long, in ms. */
  lockRow(table: Table, key: string, lasts: number): void {
    const unlock = this.#transactions.lockRow(table, key);
    this.schedule.add(this.schedule.now + lasts, unlock);
  }

  protected restart(memory: Kept, isAnotherMachine: boolean): void {
    const { system, timeline, started, files } = this.#identity;
    this.#identity = {
      system: memory === "lost" ? system + 1 : system,
      timeline: isAnotherMachine ? timeline + 1 : timeline,
      started: started + 1,
      files,
    };
    const kept = this.#data;
    const lost = { memory: emptyMemory, hasTables: false };
    const next = { kept, lost, older: this.#older }[memory];
    this.#hasTables = next.hasTables;
    this.#transactions = this.#begin(next.memory);
  }

  get #data(): Data {
    return { memory: this.#transactions.memory, hasTables: this.#hasTables };
  }

  /** What is there in the beginning. */
  #dataOf({ isKnown }: Pick<ServerPlan, "isKnown">): Data {
    const stamp = isKnown ? { run: this.run, since: this.micros - 3_600_000_000 } : undefined;
    return { memory: { ...emptyMemory, stamp }, hasTables: isKnown };
  }

  #exchange(): void {
    const next = this.#other;
    if (next === undefined) throw new Error("The scenario has no second database.");
    const [identity, data, older] = [this.#identity, this.#data, this.#older];
    this.#other = { identity, data, older };
    this.#identity = next.identity;
    this.#older = next.older;
    this.#hasTables = next.data.hasTables;
    this.#transactions = this.#begin(next.data.memory);
    const moves = this.#moves;
    this.schedule.add(this.schedule.now + this.#events.longestBelief, () => {
      if (moves === this.#moves) this.#contacts.forgive();
    });
  }

  #begin(memory: Memory): Transactions {
    return new Transactions(memory, {
      run: this.run,
      now: () => this.micros,
      time: () => this.schedule.now,
      stall: () => this.#events.stall(),
      later: (ms, go) => {
        // On one line with what has arrived, unless it stands still.
        if (ms === 0) go();
        else this.schedule.add(this.schedule.now + ms, () => this.whenAwake(go));
      },
    });
  }
}
