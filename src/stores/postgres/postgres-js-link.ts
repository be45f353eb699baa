import type { OpenLink, PostgresLink, Statement } from "./postgres-driver.ts";

/** The part of a `sql` of postgres.js (3) that is used. Not its type, so as not to depend on it. */
export interface PostgresJsClient {
  readonly options: object;
  unsafe(text: string, values?: never[], options?: object): PromiseLike<readonly unknown[]>;
  end(options?: { readonly timeout?: number }): Promise<void>;
}

/** Makes a client with these options, beside those that it was made with. */
export type MakePostgresJs = (options: object) => PostgresJsClient;

const SILENT = { from: undefined, to: undefined };

/** Settings of our own: one connection, which nothing recycles, prints to the console or reads catalogues for. */
const ownOptions = {
  ...{ max: 1, idle_timeout: null, max_lifetime: null, connect_timeout: 3, fetch_types: false },
  transform: { undefined: null, column: SILENT, value: SILENT, row: SILENT },
  ...{ debug: false, onnotice: () => {}, onparameter: () => {} },
} as const;

/** Connections over postgres.js. */
export function postgresJsLinks(make: MakePostgresJs): OpenLink {
  return ({ lost, notified }) => {
    const client = make({
      ...ownOptions,
      onclose: lost,
      onnotify: (_channel: string, payload: string) => notified(payload),
    });
    return new PostgresJsLink(client);
  };
}

class PostgresJsLink implements PostgresLink {
  readonly #client: PostgresJsClient;
  #pid: number | undefined;

  constructor(client: PostgresJsClient) {
    this.#client = client;
  }

  /** The library connects with the first statement, and reports there which process it was given. */
  async connect(): Promise<void> {
    const { state } = (await this.#client.unsafe("SELECT 1")) as { state?: { pid?: number } };
    this.#pid = state?.pid;
  }

  get pid(): number | undefined {
    return this.#pid;
  }

  async query({ name, text, values }: Statement): Promise<unknown> {
    // It names a statement by itself. Its types want what a template would give.
    const rows = await (values === undefined
      ? this.#client.unsafe(text)
      : this.#client.unsafe(text, [...values] as never[], { prepare: name !== undefined }));
    const [row] = rows;
    return typeof row === "object" && row !== null ? Object.values(row)[0] : undefined;
  }

  destroy(): void {
    this.#client.end({ timeout: 0 }).catch(() => {});
  }
}
