import type { Driver, OpenDriver } from "../connections/driver.ts";
import type { Timer } from "../connections/timer.ts";
import { asReply, type MysqlReply } from "./mysql-driver.ts";

/** For how long one statement waits for the bell, in s: less than the patience of proxies with silent connections. */
const WAIT = 15;

/** How often a connection that holds the bell shows that it lives, in ms. */
const PING = 15_000;

/** After how long a silent connection loses the bell, in s: the machine of its process may have died. */
const SILENCE = 120;

/** The pause after the bell was free, in ms: twice as long each time that it is found free at once. */
const SHORTEST_PAUSE = 250;
const LONGEST_PAUSE = 30_000;

/** What a bell runs on. */
export interface BellSettings {
  readonly open: OpenDriver<string>;
  readonly timer: Timer;
  readonly now: () => number;
}

/**
 * The bell of an election: a lock of MySQL by name (`GET_LOCK`), which the process that leads holds, and for which all
 * others wait, each on a connection of its own. The leader frees it when it has released the lease, so the others hear
 * of that at once. It decides nothing: it may be held by a process that has died, or by none.
 */
export class MysqlBell {
  readonly #settings: BellSettings;
  /** The name of the lock, as an expression. */
  readonly #name: string;
  readonly #onRing: () => void;
  #leadsUntil = Number.NEGATIVE_INFINITY;
  #connection: BellConnection | undefined;
  #isOpen = true;
  /** How often in a row it was found free at once, or could not be asked for. */
  #failures = 0;
  /** Ends the pause. */
  #wake: () => void = () => {};

  constructor(settings: BellSettings, name: string, onRing: () => void) {
    this.#settings = settings;
    this.#name = name;
    this.#onRing = onRing;
    void this.#run();
  }

  /** This process leads for so long, in ms; 0: not any more. */
  leads(ms: number): void {
    const led = this.#leads;
    this.#leadsUntil = this.#settings.now() + ms;
    if (led !== ms > 0) this.#wake();
  }

  /** For good. */
  close(): void {
    this.#isOpen = false;
    this.#connection?.end();
    this.#wake();
  }

  get #leads(): boolean {
    return this.#settings.now() < this.#leadsUntil;
  }

  async #run(): Promise<void> {
    while (this.#isOpen) {
      try {
        await this.#serve();
      } catch {
        // Without a bell, a release is noticed by the next look.
        this.#failures += 1;
      }
      await this.#pause(this.#delay());
    }
  }

  async #serve(): Promise<void> {
    const connection = new BellConnection(this.#settings.open, () => this.#wake());
    this.#connection = connection;
    try {
      await connection.connect();
      await connection.ask(`SET SESSION wait_timeout = ${SILENCE}`);
      while (this.#isOpen) await this.#takeTurn(connection);
    } finally {
      connection.end();
    }
  }

  /** Waits for the bell and frees it; a process that leads keeps it until it does not. */
  async #takeTurn(connection: BellConnection): Promise<void> {
    // One that no process holds says nothing when it is taken.
    const isFree = await this.#take(connection, 0);
    if (!isFree && !(await this.#take(connection, WAIT))) return;
    if (this.#leads) {
      await this.#hold(connection);
      this.#failures = 0;
    } else if (isFree) {
      this.#failures += 1;
    } else {
      this.#failures = 0;
      this.#onRing();
    }
    await connection.ask(`DO RELEASE_LOCK(${this.#name})`);
    // The next leader takes it meanwhile. If that is this process, it does not pause.
    if (!this.#leads) await this.#pause(this.#delay());
  }

  /** Whether it was taken within so many seconds. */
  async #take(connection: BellConnection, seconds: number): Promise<boolean> {
    const { rows } = await connection.ask(`SELECT GET_LOCK(${this.#name}, ${seconds}) AS taken`);
    return rows[0]?.["taken"] === "1";
  }

  async #hold(connection: BellConnection): Promise<void> {
    while (this.#leads && this.#isOpen) {
      await this.#pause(Math.min(PING, this.#leadsUntil - this.#settings.now()));
      if (this.#leads) await connection.ask("DO 0");
    }
  }

  #delay(): number {
    return Math.min(LONGEST_PAUSE, SHORTEST_PAUSE * 2 ** this.#failures);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#settings.timer(ms, () => this.#wake());
      this.#wake = () => {
        cancel();
        this.#wake = () => {};
        resolve();
      };
      if (!this.#isOpen) this.#wake();
    });
  }
}

/** A connection on which the lock is asked for, one statement at a time. The server frees the lock when it ends. */
class BellConnection {
  readonly #driver: Driver<string>;
  #isOver = false;
  /** Fails what is under way. */
  #fail: (error: unknown) => void = () => {};

  /** `onLost` is not called for one that was ended. */
  constructor(open: OpenDriver<string>, onLost: () => void) {
    const lost = (error: unknown = new Error("the connection was lost")) => {
      if (this.#isOver) return;
      this.#isOver = true;
      this.#fail(error);
      onLost();
    };
    this.#driver = open({ lost });
  }

  connect(): Promise<void> {
    return this.#unlessLost(() => this.#driver.connect());
  }

  /** Rejects when the connection is lost. */
  async ask(sql: string): Promise<MysqlReply> {
    return asReply(await this.#unlessLost(() => this.#driver.send(sql)));
  }

  end(): void {
    this.#isOver = true;
    this.#fail(new Error("the connection was closed"));
    this.#driver.end();
  }

  /** Not by `Promise.race`: a promise that lasts as long as the connection would keep every answer. */
  #unlessLost<Answer>(begin: () => Promise<Answer>): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) {
        reject(new Error("the connection is over"));
        return;
      }
      this.#fail = reject;
      begin().then(resolve, reject);
    });
  }
}
