import { invalid, isOptions, rejectUnknown } from "../../input.ts";

/** The part of a mysql2 client by which it is recognised: a pool or a connection, with callbacks or promises. */
export interface Mysql2Client {
  query(...args: never): unknown;
  escapeId(value: string): string;
}

/** How to connect, as mysql2 and mariadb name it. */
export interface MysqlConnectionOptions {
  /** @defaultValue "localhost" */
  readonly host?: string | undefined;
  /** @defaultValue 3306 */
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** The database with the tables of the store. */
  readonly database?: string | undefined;
  /** The path of a Unix socket, instead of host and port. */
  readonly socketPath?: string | undefined;
  /** Options of TLS, as `tls.connect` takes them; without it, nothing is encrypted. */
  readonly ssl?: object | undefined;
}

/**
 * What a store connects with: a mysql2 pool or connection, of which it makes copies, or options. A pool or
 * connection of the package mariadb hides how it was made, so it cannot be copied.
 */
export type MysqlClient = Mysql2Client | MysqlConnectionOptions;

/** How to connect, with whatever else the libraries know. */
export interface Settings extends MysqlConnectionOptions {
  readonly [name: string]: unknown;
}

/** The settings that both libraries have. The socket is made here, so the libraries get none of its options. */
const common = ["user", "password", "database", "ssl", "compress", "connectAttributes", "host"];

/** The settings of each library that decide how it connects. None of the others is copied. */
export const settingsOf = {
  mysql2: [
    ...[...common, "password2", "password3", "passwordSha1", "authPlugins", "authSwitchHandler"],
    ...["insecureAuth", "enableCleartextPlugin", "disableEval"],
  ],
  mariadb: [
    ...[...common, "rsaPublicKey", "cachingRsaPublicKey", "allowPublicKeyRetrieval"],
    "restrictedAuth",
  ],
} as const;

const socketSettings = ["port", "socketPath", "localAddress", "stream"];
const EXAMPLE =
  "a mysql2 pool, { host, user, password, database }, or a URL mysql://user@host/database";

/** Reads the settings of a client each time that it is called. Throws `INCUMBENT_INVALID_OPTION`. */
export function settingsReader(client: unknown): () => Settings {
  const config = configOf(client);
  if (config !== undefined) {
    checkStream(config());
    return config;
  }
  if (!isOptions(client)) {
    const rule = "must be a mysql2 pool or connection, connection options, or a URL";
    throw invalid({ name: "client", rule, value: client, example: EXAMPLE });
  }
  if ("query" in client || "getConnection" in client || "of" in client) {
    const rule =
      "must be a pool or connection of mysql2; a pool of the package mariadb hides how it was made, so pass its options or a URL";
    throw invalid({ name: "client", rule, value: client, example: EXAMPLE });
  }
  const known = [...new Set([...socketSettings, ...settingsOf.mysql2, ...settingsOf.mariadb])];
  // Shown without its value, which may be a password under a wrong name.
  const names = Object.fromEntries(Object.keys(client).map((name) => [name, "***"]));
  rejectUnknown("client option", names, known);
  const settings = { ...client };
  checkStream(settings);
  return () => settings;
}

/** mysql2 keeps what it was made with: a pool for its connections, and behind the promises as well. */
function configOf(client: unknown): (() => Settings) | undefined {
  for (const path of [["pool", "config"], ["connection", "config"], ["config"]]) {
    const config = () => follow(client, path);
    if (follow(config(), ["connectionConfig"]) !== undefined) {
      return () => settingsIn(follow(config(), ["connectionConfig"]));
    }
    if (follow(config(), ["clientFlags"]) !== undefined) return () => settingsIn(config());
  }
  return undefined;
}

function follow(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, name) => (typeof at === "object" && at !== null ? Reflect.get(at, name) : undefined),
    value,
  );
}

function settingsIn(config: unknown): Settings {
  // An object, or it would have had neither of the names that were looked for.
  return config as Settings;
}

function checkStream({ stream }: Settings): void {
  if (stream === undefined || typeof stream === "function") return;
  const rule = "must be a function that opens a stream, since the store opens more than one";
  throw invalid({ name: "stream", rule, value: stream, example: "() => net.connect(3306)" });
}
