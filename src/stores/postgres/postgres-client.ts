import { invalid } from "../../input.ts";
import type { PgliteClient } from "./pglite-link.ts";
import type { PostgresJsClient } from "./postgres-js-link.ts";

/** The part of a client of `pg` (8) that is used. Not its type, so as not to depend on it. */
export interface PgClient {
  connect(): Promise<unknown>;
  query(query: object): Promise<{ readonly rows: readonly object[] }>;
  end(): Promise<void>;
  on(event: string, listener: (...values: never[]) => void): unknown;
}

/** The part of a pool of `pg` (8) that is used. */
export interface PgPool {
  readonly options: object;
  readonly totalCount: number;
  connect(): Promise<unknown>;
}

/** A client of the user's: of `pg`, the `sql` of postgres.js, or PGlite. */
export type PostgresClient = PgClient | PgPool | PostgresJsClient | PgliteClient;

/** Which library a client is from. */
export type RecognisedClient =
  | { readonly library: "pg"; make(): PgClient }
  | { readonly library: "postgres"; readonly client: PostgresJsClient }
  | { readonly library: "pglite"; readonly client: PgliteClient };

const EXAMPLE = "new Pool() of pg, postgres() of postgres.js, new PGlite(), or a URL";

/** Distinguishes the libraries by what their clients can do. Throws `INCUMBENT_INVALID_OPTION`. */
export function recognise(client: unknown): RecognisedClient {
  if (typeof client === "function" && "unsafe" in client && "options" in client) {
    // postgres.js has both of these in its `sql`, and `end` as well.
    return { library: "postgres", client: client as unknown as PostgresJsClient };
  }
  if (typeof client === "object" && client !== null) {
    // The casts below rest on what is looked for here.
    if ("totalCount" in client && "options" in client && "Client" in client) {
      const pool = client as { options: object; Client: new (options: object) => PgClient };
      return {
        library: "pg",
        make: () => new pool.Client({ ...pool.options, ...ownSettings }),
      };
    }
    if ("connectionParameters" in client && "processID" in client && "query" in client) {
      return { library: "pg", make: () => copyOfClient(client) };
    }
  }
  if (isPglite(client)) {
    if (pgliteMethods.every((name) => typeof Reflect.get(client, name) === "function")) {
      return { library: "pglite", client: client as PgliteClient }; // As was looked for.
    }
    const rule = "must be PGlite itself, version 0.2.17 or later, and not a PGliteWorker";
    throw invalid({ name: "client", rule, value: "another PGlite", example: "new PGlite()" });
  }
  const rule =
    "must be a Pool or Client of pg (version 8), a sql of postgres.js (version 3), PGlite, or a URL";
  throw invalid({ name: "client", rule, value: client, example: EXAMPLE });
}

const pgliteMethods: readonly (keyof PgliteClient)[] = [
  ...(["isInTransaction", "execProtocol", "runExclusive"] as const),
  ...(["_runExclusiveTransaction", "listen", "unlisten"] as const),
];

/** Whether it is PGlite, whose one session is shared with the application. */
export function isPglite(client: unknown): client is object {
  return typeof client === "object" && client !== null && "waitReady" in client && "exec" in client;
}

/** How long a connection may take to come about, in ms. */
const CONNECT_TIMEOUT = 3000;

/** An idle connection that died is noticed by the system some time after this, in ms. */
const KEEP_ALIVE = 5000;

/** Settings of our own: nothing cancels a statement, and a dead connection is noticed. */
export const ownSettings = {
  ...{ connectionTimeoutMillis: CONNECT_TIMEOUT, keepAlive: true },
  ...{ keepAliveInitialDelayMillis: KEEP_ALIVE, query_timeout: undefined },
  ...{ application_name: "incumbent" },
} as const;

function copyOfClient(client: object): PgClient {
  // Looked for by the caller, but for the password, which it does not list among its properties.
  const { connectionParameters } = client as { readonly connectionParameters: object };
  const Client = client.constructor as new (settings: object) => PgClient;
  const password: unknown = Reflect.get(client, "password");
  return new Client({ ...connectionParameters, password, ...ownSettings });
}
