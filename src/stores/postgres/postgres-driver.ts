import type { ConnectionEvents, Driver, OpenDriver } from "../connections/driver.ts";

/** What is sent. */
export interface Statement {
  /** Under which the server keeps its plan. Without it, the text may be several statements without values. */
  readonly name?: string;
  readonly text: string;
  readonly values?: readonly string[];
}

/** What happens to a connection. */
export interface PostgresEvents extends ConnectionEvents {
  notified(payload: string): void;
}

/** One connection as a client library has it. */
export interface PostgresLink {
  connect(): Promise<void>;
  /** The first column of the first row. */
  query(statement: Statement): Promise<unknown>;
  /** The process of the server that it was given when it connected. */
  readonly pid: number | undefined;
  /**
   * Hears what is notified there, in a session that is the application's as well: its settings stay as they are, and it
   * keeps no plans. Missing if the session is the link's own.
   */
  listen?(channel: string): Promise<void>;
  /** Closes the socket at once: what is on its way is not cancelled. */
  destroy(): void;
}

/** Makes a connection by a client library. */
export type OpenLink = (events: PostgresEvents) => PostgresLink;

/** How to behave on a connection. */
export interface LinkSettings {
  /** Where to listen; nothing if another connection does. */
  readonly channel: string | undefined;
  notified(payload: string): void;
  /** From now on changes are heard; some may have been missed. */
  listening(): void;
  /** There is a pooler in between, which passes on no notifications. */
  deaf(): void;
  lost(): void;
}

interface Introduction {
  readonly pid: number;
  readonly isStandby: boolean;
  readonly isReadOnly: boolean;
}

const INTRODUCE = `SELECT json_build_object('pid', pg_backend_pid(), 'isStandby', pg_is_in_recovery(),
  'isReadOnly', current_setting('transaction_read_only') = 'on')::text`;

/** Connections over a client library, ready for statements and for notifications. */
export function driversOver(open: OpenLink, settings: LinkSettings): OpenDriver<Statement> {
  return ({ lost }) => {
    const link = open({
      lost: () => {
        lost();
        settings.lost();
      },
      notified: settings.notified,
    });
    return new PostgresDriver(link, settings);
  };
}

class PostgresDriver implements Driver<Statement> {
  readonly #link: PostgresLink;
  readonly #settings: LinkSettings;
  /** Behind a pooler, another process of the server may get the next statement. */
  #isPooled = false;

  constructor(link: PostgresLink, settings: LinkSettings) {
    this.#link = link;
    this.#settings = settings;
  }

  async connect(): Promise<void> {
    await this.#link.connect();
    const text = await this.#link.query({ text: INTRODUCE });
    const { pid, isStandby, isReadOnly } = JSON.parse(String(text)) as Introduction; // As selected.
    if (isStandby) throw refusal("25006", "the server is a standby, which takes no writes");
    if (isReadOnly) throw refusal("25006", "default_transaction_read_only is on");
    const { channel } = this.#settings;
    if (this.#link.listen !== undefined) {
      if (channel === undefined) return;
      await this.#link.listen(channel);
      this.#settings.listening();
      return;
    }
    this.#isPooled = this.#link.pid !== pid;
    if (this.#isPooled) {
      // It would listen for whichever client gets that process of the server next.
      if (channel !== undefined) this.#settings.deaf();
      return;
    }
    await this.#link.query({ text: "SET default_transaction_isolation = 'read committed'" });
    if (channel === undefined) return;
    await this.#link.query({ text: `LISTEN "${channel}"` });
    this.#settings.listening();
  }

  async send(statement: Statement): Promise<unknown> {
    const { text, values } = statement;
    if (this.#isPooled || values === undefined) {
      return await this.#link.query({ text, ...(values && { values }) });
    }
    try {
      return await this.#link.query(statement);
    } catch (error) {
      // A pooler was put in between unseen. The plan is another client's, or is in another process.
      if (hasState(error, UNPLANNED)) {
        this.#isPooled = true;
        if (this.#settings.channel !== undefined) this.#settings.deaf();
      }
      throw error;
    }
  }

  end(): void {
    this.#link.destroy();
  }
}

/** A statement of this name exists already, or does not exist: nothing was done. */
export const UNPLANNED = ["42P05", "26000"];

function hasState(error: unknown, states: readonly string[]): boolean {
  return error instanceof Error && "code" in error && states.includes(String(error.code));
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
