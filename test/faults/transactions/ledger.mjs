// What a leader writes in transactions of the database that elected it: rows with its token, and nothing else.

import { setTimeout as sleep } from "node:timers/promises";
import { openings } from "./sessions.mjs";

/** Between two transactions, in ms, so that the election gets its share of a busy machine. */
const PAUSE = 30;

/** What the fence adds to lock the row, in either dialect. */
const LOCK = /FOR SHARE OF f|LOCK IN SHARE MODE/;

/** How a transaction is guarded. All but the first are mistakes that are made on purpose. */
const guards = {
  fence: (store, session, term, options) => store.fence(session.client, term, options),
  // Compares the token and locks nothing.
  check: (store, session, term, options) =>
    store.fence((sql) => session.run(sql.replace(LOCK, "")), term, options),
  // Asks itself alone.
  none: (_store, _session, term) => {
    if (term.remaining() <= 0) throw new Error("the term is over");
  },
};

/** Writes while its process leads, and halts inside a transaction when it is told to. */
export class Ledger {
  #elector;
  #store;
  #settings;
  #open;
  #tell;
  #trap;
  #goOn = () => {};

  /** `settings`: the `database`, how it is guarded, and the `fence` options. */
  constructor({ elector, store, settings, tell }) {
    this.#elector = elector;
    this.#store = store;
    this.#settings = settings;
    this.#open = openings[settings.database.kind];
    this.#tell = tell;
  }

  /** Halts at the point, after so many transactions. Without a point, nowhere. */
  setTrap({ point, after }) {
    this.#trap = point && { point, after };
  }

  goOn() {
    this.#goOn();
  }

  /** The transaction is carried on with whatever happens to the term: the fence alone must be enough. */
  async write(term) {
    while (!term.signal.aborted) {
      let session;
      try {
        session = await this.#open(this.#settings.database);
        while (!term.signal.aborted) {
          await this.#transact(session, term);
          if (this.#trap) this.#trap.after -= 1;
          await sleep(PAUSE);
        }
      } catch (error) {
        this.#tell("refused", { token: term.token, code: error.code ?? error.message });
        await sleep(PAUSE);
      } finally {
        session?.close();
      }
    }
  }

  async #transact(session, term) {
    const insert = `INSERT INTO ledger (token) VALUES (${term.token})`;
    let halt;
    const reach = (point) => {
      const here = this.#haltAt(point, term);
      halt ??= here;
      return here;
    };
    try {
      await session.run("BEGIN");
      await reach("begun");
      await guards[this.#settings.guard](this.#store, session, term, this.#settings.fence);
      await reach("fenced");
      await session.run(insert);
      await reach("written");
      await session.run(insert);
      const committed = session.run("COMMIT");
      await Promise.all([committed, reach("committing")]);
    } finally {
      if (halt !== undefined) {
        // Its COMMIT may have failed before.
        await halt;
        this.#tell("ended", { token: term.token });
      }
    }
  }

  /** Resolves when the transaction goes on, if it halts here. */
  #haltAt(point, term) {
    const trap = this.#trap;
    const isDue = trap?.point === point && trap.after <= 0;
    if (!isDue || this.#elector.term?.token !== term.token) return undefined;
    this.#trap = undefined;
    this.#tell("halted", { token: term.token, point });
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }
}
