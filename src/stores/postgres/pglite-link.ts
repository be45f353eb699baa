import { StoreError } from "../../errors.ts";
import { realTimer } from "../connections/timer.ts";
import { extendedQuery, simpleQuery, sync } from "./pglite-messages.ts";
import type { OpenLink, PostgresEvents, PostgresLink, Statement } from "./postgres-driver.ts";

/** The part of PGlite that is used. Not its type, so as not to depend on it. */
export interface PgliteClient {
  readonly waitReady: Promise<void>;
  /** Not before it has started, nor after it is closed. */
  readonly ready: boolean;
  isInTransaction(): boolean;
  /** With `syncToFs`, what was written is kept before it resolves. Rejects with the error of the server. */
  execProtocol(message: Uint8Array, options: { readonly syncToFs: boolean }): Promise<object>;
  runExclusive<Result>(run: () => Promise<Result>): Promise<Result>;
  /** Waits for the end of each `transaction()`, as `query()` and `exec()` do. */
  _runExclusiveTransaction<Result>(run: () => Promise<Result>): Promise<Result>;
  listen(channel: string, callback: (payload: string) => void): Promise<unknown>;
  unlisten(channel: string, callback: (payload: string) => void): Promise<void>;
}

/** How long to wait, each time that the application has a transaction open by itself, in ms: for half a second. */
const PAUSES: readonly number[] = [1, 2, 4, 8, 16, 32, ...Array.from({ length: 9 }, () => 50)];

/** Links over the one session of PGlite, which is the application's as well. */
export function pgliteLinks(client: PgliteClient): OpenLink {
  return ({ notified }) => new PgliteLink(client, notified);
}

class PgliteLink implements PostgresLink {
  /** It has one process, and no pooler. */
  readonly pid = undefined;
  readonly #client: PgliteClient;
  readonly #notified: PostgresEvents["notified"];
  /** Ends what was begun in the session. */
  #leave: () => void = () => {};
  #isOver = false;

  constructor(client: PgliteClient, notified: PostgresEvents["notified"]) {
    this.#client = client;
    this.#notified = notified;
  }

  async connect(): Promise<void> {
    await this.#client.waitReady;
  }

  async query({ text, values }: Statement): Promise<unknown> {
    const messages = values === undefined ? simpleQuery(text) : extendedQuery(text, values);
    for (const pause of PAUSES) {
      const answers = await this.#alone(() => this.#send(messages));
      if (answers !== undefined) return firstValueIn(answers);
      await new Promise<void>((resolve) => realTimer(pause, resolve));
    }
    const detail = "the application has a transaction open in PGlite, outside of transaction()";
    throw new StoreError("INCUMBENT_STORE_REFUSED", `PostgreSQL refused: ${detail}.`, {
      ...{ applied: "no", detail },
    });
  }

  async listen(channel: string): Promise<void> {
    const name = `"${channel}"`;
    const notified = (payload: string) => {
      if (!this.#isOver) this.#notified(payload);
    };
    await this.#client.listen(name, notified);
    this.#leave = () => {
      this.#client.unlisten(name, notified).catch(() => {});
    };
    if (this.#isOver) this.#leave();
    // It may have come into a transaction of the application, which can be rolled back.
    await this.query({ text: `LISTEN ${name}` });
  }

  /** The session goes on: it is the application's. */
  destroy(): void {
    this.#isOver = true;
    this.#leave();
  }

  /** Nothing if a transaction is open that the application has begun. Nothing comes between the look and what is run. */
  #alone<Result>(run: () => Promise<Result>): Promise<Result | undefined> {
    const client = this.#client;
    return client._runExclusiveTransaction(() =>
      client.runExclusive(async () => {
        if (!client.ready) throw new Error("PGlite is closed");
        if (this.#isOver) throw new Error("the connection was closed");
        return client.isInTransaction() ? undefined : run();
      }),
    );
  }

  /** One message at a time, as PGlite does it: some versions break if they get more. */
  async #send(messages: readonly Uint8Array[]): Promise<readonly object[]> {
    const answers: object[] = [];
    try {
      for (const message of messages) {
        answers.push(await this.#client.execProtocol(message, { syncToFs: false }));
      }
    } finally {
      await this.#client.execProtocol(sync, { syncToFs: true });
    }
    return answers;
  }
}

interface Message {
  readonly name: string;
  readonly fields?: readonly unknown[];
}

/** Of the rows that a statement answered with. Several statements at once have none that is wanted. */
function firstValueIn(answers: readonly object[]): unknown {
  const messages = answers.flatMap((answer): readonly Message[] => Reflect.get(answer, "messages"));
  return messages.find(({ name }) => name === "dataRow")?.fields?.[0];
}
