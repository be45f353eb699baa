import type { Socket } from "node:net";
import type { ConnectionEvents, Driver } from "../connections/driver.ts";
import { type Settings, settingsOf } from "./mysql-client.ts";
import { openSocket } from "./mysql-socket.ts";

/** A row, every column of it as text. */
export type Row = Readonly<Record<string, string | null>>;

/** What a statement is answered with. */
export interface MysqlReply {
  readonly rows: readonly Row[];
  /** How many rows a write has found, also those that it left as they were. */
  readonly affected: number;
  /** What the statement has given to `LAST_INSERT_ID`. */
  readonly insertId: number;
}

/** The part of mysql2, and of mariadb with callbacks, that is used. */
export interface MysqlLibrary {
  createConnection(options: object): LibraryConnection;
}

interface LibraryConnection {
  connect(callback: (error: unknown) => void): void;
  query(options: object, callback: (error: unknown, result: unknown) => void): unknown;
  on(event: "error" | "end", listener: (error: unknown) => void): unknown;
}

/** For connecting and signing in, in ms. A connection that hangs is ended sooner by the request that waits for it. */
const CONNECT_TIMEOUT = 10_000;

/** A number is a text on its way, so no library can round it. */
const typeCast = (field: { string(): string | null }) => field.string();

/** Under these, every library counts and returns the same. */
const options = {
  mysql2: { charset: "utf8mb4", connectTimeout: CONNECT_TIMEOUT, flags: "FOUND_ROWS" },
  mariadb: {
    ...{ charset: "utf8mb4", connectTimeout: CONNECT_TIMEOUT, foundRows: true },
    // Another server than the one that was named would be another memory.
    permitRedirect: false,
  },
} as const;

/** A connection by one of the libraries. It carries one statement at a time and never comes back by itself. */
export function mysqlDriver(
  name: keyof typeof options,
  library: MysqlLibrary,
  settings: Settings,
  { lost }: ConnectionEvents,
): Driver<string> {
  let socket: Socket | undefined;
  let connection: LibraryConnection | undefined;
  const stream = () => {
    socket = openSocket(settings);
    socket.on("close", lost);
    return socket;
  };
  return {
    connect: () =>
      new Promise((resolve, reject) => {
        const made = { ...chosen(settings, settingsOf[name]), ...options[name], stream };
        connection = library.createConnection(made);
        // That it was lost is known from what follows. Without a listener, an error would end the process.
        connection.on("error", () => {});
        // mariadb takes all listeners off a socket that has ended, also ours.
        connection.on("end", () => lost());
        connection.connect((error) => (error ? reject(error) : resolve()));
      }),
    send: (sql) =>
      new Promise((resolve, reject) => {
        connection?.query({ sql, typeCast, rowsAsArray: false }, (error, result) =>
          error ? reject(error) : resolve(replyOf(result)),
        );
      }),
    end: () => socket?.destroy(new Error("the connection was closed")),
  };
}

/** Of the settings, those that a library knows: it complains of others on the console. */
function chosen(settings: Settings, names: readonly string[]): object {
  const pairs = names.map((name) => [name, settings[name]]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

interface Written {
  readonly affectedRows: number;
  readonly insertId: number | bigint | string;
}

function replyOf(result: unknown): MysqlReply {
  // Both libraries answer a query with an array of rows, and any other statement with an object.
  if (Array.isArray(result)) return { rows: result as Row[], affected: 0, insertId: 0 };
  const { affectedRows = 0, insertId = 0 } = result as Partial<Written>;
  return { rows: [], affected: affectedRows, insertId: Number(insertId) };
}

/** What a connection was answered with that is made here. */
export function asReply(answer: unknown): MysqlReply {
  // Its only way to answer is `replyOf`.
  return answer as MysqlReply;
}
