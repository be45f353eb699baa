import { type Changes, changed, type Memory } from "./memory.ts";
import type { Carried, Statement, Table, Transaction } from "./transaction.ts";

/** How long a statement waits for a row that another transaction has, in ms. */
const LOCK_WAIT = 1000;

/** What the transactions of a server have to do with it. */
export interface Surroundings {
  readonly run: string;
  /** The clock of the server, in µs. */
  now(): number;
  /** The time of the world, in ms. */
  time(): number;
  /** How long a statement stands still before its next step, in ms: mostly not at all. */
  stall(): number;
  /** Calls `go` after so many ms, when the server runs. */
  later(ms: number, go: () => void): void;
}

/** How a statement ended. */
export interface Ends<Answer> {
  /** It was decided so many ms ago. */
  committed(carried: Carried<Answer>, ago: number): void;
  /** It waited for a row for too long. */
  gaveUp(): void;
}

interface Open {
  isWaiting: boolean;
  proceed(): void;
}

/** What is committed, and the transactions that are to change it. A row that one has written is locked until it ends. */
export class Transactions {
  memory: Memory;
  readonly #around: Surroundings;
  /** Who has a row. */
  readonly #locks = new Map<string, object>();
  readonly #open = new Set<Open>();
  readonly #waiting: (() => void)[] = [];
  #isOver = false;

  constructor(memory: Memory, around: Surroundings) {
    this.memory = memory;
    this.#around = around;
  }

  /** The server was killed: nothing is committed any more. */
  end(): void {
    this.#isOver = true;
  }

  /** Begins a statement, which is a transaction of its own. */
  carryOut<Answer>(
    begin: (transaction: Transaction) => Statement<Answer>,
    ends: Ends<Answer>,
  ): void {
    const { time } = this.#around;
    const changes: Changes[] = [];
    let decidedAt = time();
    const owner = {};
    const write = (each: Changes) => {
      changes.push(each);
      decidedAt = time();
    };
    const latest = () => changes.reduce(changed, this.memory);
    const statement = begin(this.#transaction(owner, latest, write));
    const open: Open = { isWaiting: false, proceed: () => {} };
    let isOver = false;
    const end = () => {
      isOver = true;
      this.#open.delete(open);
      this.#unlock(owner);
    };
    open.proceed = () => {
      if (this.#isOver || isOver) return;
      open.isWaiting = false;
      const step = statement.next();
      if (step.done === true) {
        for (const each of changes) this.memory = changed(this.memory, each);
        // Before the row is free, because a statement that waits for it is carried out, and reported, as soon as it is.
        ends.committed(step.value, time() - decidedAt);
        end();
      } else if (step.value === "pause") {
        this.#around.later(this.#around.stall(), open.proceed);
      } else {
        open.isWaiting = true;
        this.#around.later(LOCK_WAIT, giveUp);
      }
    };
    const giveUp = () => {
      if (this.#isOver || isOver || !open.isWaiting) return;
      end();
      ends.gaveUp();
    };
    this.#open.add(open);
    open.proceed();
  }

  /** Another program locks a row and writes nothing. The returned function ends its transaction. */
  lockRow(table: Table, key: string): () => void {
    const owner = {};
    this.#lock(owner, table, key);
    return () => this.#unlock(owner);
  }

  /** Runs this when no transaction is open, as what locks the whole table. */
  whenIdle(run: () => void): void {
    if (this.#open.size === 0) run();
    else this.#waiting.push(run);
  }

  #transaction(
    owner: object,
    latest: () => Memory,
    write: (changes: Changes) => void,
  ): Transaction {
    const { run, now } = this.#around;
    return {
      ...{ run, now, seen: this.memory, write },
      get latest() {
        return latest();
      },
      lock: (table, key) => this.#lock(owner, table, key),
    };
  }

  #lock(owner: object, table: Table, key: string): boolean {
    const name = `${table} ${key}`;
    const has = this.#locks.get(name) ?? owner;
    this.#locks.set(name, has);
    return has === owner;
  }

  #unlock(owner: object): void {
    for (const [name, has] of this.#locks) if (has === owner) this.#locks.delete(name);
    if (this.#isOver) return;
    if (this.#open.size === 0) for (const run of this.#waiting.splice(0)) run();
    for (const open of [...this.#open]) if (open.isWaiting) open.proceed();
  }
}
