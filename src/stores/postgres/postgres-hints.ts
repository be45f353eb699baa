import type { Hint } from "../lease-store.ts";
import type { SqlPolls } from "../sql/sql-polls.ts";
import { fromText } from "../stored-text.ts";

interface Listener {
  readonly key: string;
  readonly onHint: (hint: Hint) => void;
  /** Ends the looks at its election, if there are any. */
  unpoll(): void;
}

/** Said once in a process. */
let isPollingSaid = false;

/** Those who watch, and what they are notified of. */
export class PostgresHints {
  readonly #polls: SqlPolls;
  readonly #listeners = new Set<Listener>();
  #isDeaf = false;

  constructor(polls: SqlPolls) {
    this.#polls = polls;
  }

  /** Whether there is a pooler in between. Known once there was a connection. */
  get isDeaf(): boolean {
    return this.#isDeaf;
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  add(key: string, onHint: (hint: Hint) => void): () => void {
    const listener: Listener = { key, onHint, unpoll: () => {} };
    this.#listeners.add(listener);
    if (this.#isDeaf) {
      listener.unpoll = this.#polls.add(key, onHint);
      sayPolling();
    }
    return () => {
      this.#listeners.delete(listener);
      listener.unpoll();
    };
  }

  /** Notifications are heard from now on. Something may have gone unheard. */
  listening(): void {
    this.#isDeaf = false;
    for (const listener of this.#listeners) listener.unpoll();
    this.#notify("released", () => true);
  }

  /** There are no notifications, so all elections that are watched are looked at. */
  deaf(): void {
    if (this.#isDeaf) return;
    this.#isDeaf = true;
    for (const listener of this.#listeners) {
      listener.unpoll = this.#polls.add(listener.key, listener.onHint);
    }
    if (!this.isEmpty) sayPolling();
  }

  /** `released KEY` or `changed KEY`, as the statements notify it. */
  notified(payload: string): void {
    const [, hint, text] = /^(released|changed) (.+)$/s.exec(payload) ?? [];
    if (hint === undefined || text === undefined) return;
    const key = fromText(text);
    this.#notify(hint === "released" ? "released" : "changed", (of) => of === key);
  }

  #notify(hint: Hint, isMeant: (key: string) => boolean): void {
    for (const listener of [...this.#listeners]) {
      if (isMeant(listener.key) && this.#listeners.has(listener)) listener.onHint(hint);
    }
  }
}

/** Said to those who are to be notified. */
function sayPolling(): void {
  if (isPollingSaid) return;
  isPollingSaid = true;
  process.emitWarning(
    "The PostgreSQL connection goes through a pooler, which passes on no notifications: incumbent looks at its elections several times a second. Give listenUrl, a URL of the server itself, to be notified.",
    { code: "INCUMBENT_POLLING" },
  );
}
