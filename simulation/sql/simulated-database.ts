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
}

/** What makes a server the one that it is: another value of any of them is another memory. */
interface Identity {
  readonly system: number;
  readonly timeline: number;
  readonly started: number;
  readonly files: number;
}

/** Who a server says that it is. */
function runOf({ system, timeline, started, files }: Identity): string {
  return [system, timeline, started, files].join(".");
}

/** A server with an SQL database, its own clock, and the faults that can happen to such servers. */
export class SimulatedDatabase extends SimulatedHost {
  readonly #events: DatabaseEvents;
  readonly #listening = new Set<Listening>();
  readonly #kind: Database;
  #identity: Identity = { system: 1, timeline: 1, started: 1, files: 1 };
  #hasTables = false;
  #older: { readonly memory: Memory; readonly hasTables: boolean };
  #transactions: Transactions;

  constructor(kind: Database, schedule: Schedule, plan: ServerPlan, events: DatabaseEvents) {
    super(schedule, plan);
    this.#kind = kind;
    this.#events = events;
    this.#transactions = this.#begin(emptyMemory);
    if (plan.isKnown) {
      this.#hasTables = true;
      const stamp = { run: this.run, since: this.micros - 3_600_000_000 };
      this.#transactions.memory = { ...emptyMemory, stamp };
    }
    this.#older = { memory: this.#transactions.memory, hasTables: this.#hasTables };
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

  /** A statement arrives: it is carried out at once, after a freeze, or never. */
  receive(run: () => void): void {
    this.whenAwake(run);
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
    this.#events.onExecuted({ ...executed, server: this, number: 0, isUninformed: false });
  }

  keepSnapshot(): void {
    this.#older = { memory: this.#transactions.memory, hasTables: this.#hasTables };
  }

  override goDown(): void {
    this.#transactions.end();
    super.goDown();
  }

  /** A standby takes over, which may lack what was committed last. */
  takeOver(how: TakenOver): void {
    this.#transactions.end();
    this.cutOff();
    this.restart(how === "older" ? "older" : "kept", true);
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
    const kept = { memory: this.#transactions.memory, hasTables: this.#hasTables };
    const lost = { memory: emptyMemory, hasTables: false };
    const next = { kept, lost, older: this.#older }[memory];
    this.#hasTables = next.hasTables;
    this.#transactions = this.#begin(next.memory);
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
