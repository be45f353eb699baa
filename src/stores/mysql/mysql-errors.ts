import type { Applied } from "../../election/event.ts";
import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { redact } from "../../redact.ts";
import type { ServerKind } from "../connections/driver.ts";

interface Refusal {
  readonly code: StoreErrorCode;
  readonly remedy?: string;
}

const refused = (remedy: string): Refusal => ({ code: "INCUMBENT_STORE_REFUSED", remedy });
const wrong = (remedy: string): Refusal => ({ code: "INCUMBENT_STORE_MISCONFIGURED", remedy });

const account = wrong("check user and password, and from which hosts the user may connect");
const rights = wrong("grant the user SELECT, INSERT and UPDATE on the tables of the store");
const full = refused("the disk or the table is full");
const readOnly = refused(
  "the server is read-only, as a replica is; connect to the primary, or set read_only = 0",
);
const locked = refused("another transaction keeps the row locked");
const collations = wrong(
  "the texts in the tables of the store have different collations, or lack letters; make all of them utf8mb4_bin",
);
const foreign = wrong("another table has a name of the store's; give others by the option table");

/** What the numbers of errors mean with which the server has applied nothing. */
const refusals: ReadonlyMap<number, Refusal> = new Map([
  [1021, full],
  [1040, refused("the server has too many connections; raise max_connections")],
  [1044, rights],
  [1045, account],
  [1049, wrong("create the database, or name another one in the URL")],
  [1046, wrong("name a database in the URL, or with the option schema")],
  [1054, foreign],
  [1114, full],
  [1129, refused("the server has blocked this host; run FLUSH HOSTS there")],
  [1130, account],
  [1142, rights],
  [1143, rights],
  [1146, wrong("create the tables, or let the store do so with createTable: true")],
  [1203, refused("the user has too many connections; raise max_user_connections")],
  [1205, locked],
  [1213, locked],
  [1226, refused("the user has reached a limit of its resources")],
  [1227, rights],
  [1251, account],
  [1264, foreign],
  [1267, collations],
  [1270, collations],
  [1271, collations],
  [1288, foreign],
  [1290, readOnly],
  [1364, foreign],
  [1366, foreign],
  [1406, foreign],
  [1665, wrong("set binlog_format to ROW or MIXED: the store reads the server's clock")],
  [1698, account],
  [1792, readOnly],
  [1836, readOnly],
  [3819, foreign],
  [3854, collations],
  [4025, foreign],
  [3159, wrong("the server accepts only encrypted connections; add ssl=true")],
]);

/** Numbers of what another attempt settles: the row was locked. */
const LOCKED: ReadonlySet<number> = new Set([1205, 1213]);

/** Errors of the clients and of Node.js that say: this was not sent. */
const unsent =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|connect ETIMEDOUT|in closed state|Cannot execute new commands|Connection (timeout|is closed)/i;

/** MySQL and MariaDB, as the connections know them. */
export const mysqlKind: ServerKind = {
  name: "MySQL",
  errorOf: mysqlErrorOf,
  isElsewhere: (error) => refusals.get(numberOf(error) ?? 0) === readOnly,
};

/** The error of a statement, as one that says whether the statement may have been carried out. */
function mysqlErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = textOf(error);
  const number = serverNumberOf(error);
  const cause = new ServerError(text, number);
  const refusal = refusals.get(number ?? 0);
  if (refusal !== undefined) {
    const { code, remedy } = refusal;
    const detail = `refused (${remedy}): ${text}`;
    return new StoreError(code, `MySQL ${detail}`, { cause, applied: "no", detail });
  }
  if (number !== undefined) {
    const detail = `failed: ${text}`;
    const message = `MySQL ${detail}`;
    return new StoreError("INCUMBENT_STORE_REFUSED", message, { cause, applied: "maybe", detail });
  }
  if (codeOf(error) === "ER_CANNOT_RETRIEVE_RSA_KEY") {
    const detail =
      "the password needs TLS, or allowPublicKeyRetrieval: true among the options of mariadb";
    const message = `MySQL refused: ${detail}`;
    return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, {
      cause,
      applied: "no",
      detail,
    });
  }
  const applied: Applied = unsent.test(`${codeOf(error)} ${text}`) ? "no" : "maybe";
  const detail = /\bECONNREFUSED\b/.test(text) ? "connection refused" : text;
  const message = `Cannot reach MySQL: ${text}`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { cause, applied, detail });
}

/** Another attempt settles it: another transaction had a lock on the row. */
export function isLocked(error: unknown): boolean {
  return LOCKED.has(numberOf(error) ?? 0);
}

/** The user lacks a right. */
export function isForbidden(error: unknown): boolean {
  return refusals.get(numberOf(error) ?? 0) === rights;
}

/** The tables of the store never cause it: another table has one of their names. */
export function isForeign(error: unknown): boolean {
  return refusals.get(numberOf(error) ?? 0) === foreign;
}

/** A table of the store is missing. */
export function isMissingTable(error: unknown): boolean {
  return numberOf(error) === 1146;
}

/**
 * What the client threw, without what it attaches: the statement has the nonce of a lease, and the options of the
 * connection have the password.
 */
class ServerError extends Error {
  /** As the server counts its errors. */
  readonly number: number | undefined;

  constructor(text: string, number: number | undefined) {
    super(text);
    this.number = number;
  }
}

function numberOf(error: unknown): number | undefined {
  return error instanceof StoreError && error.cause instanceof ServerError
    ? error.cause.number
    : undefined;
}

/** The number of an error that came from the server, and not from the client. */
function serverNumberOf(error: unknown): number | undefined {
  const { errno } = fieldsOf(error);
  if (typeof errno !== "number") return undefined;
  return (errno >= 1000 && errno < 2000) || (errno >= 3000 && errno < 45_000) ? errno : undefined;
}

function codeOf(error: unknown): string {
  return String(fieldsOf(error).code ?? "");
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return redact(String(error));
  // For a host with several addresses, Node.js says what happened at each beside an empty message.
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(textOf).join("; ");
  }
  // Not the message, in which mariadb repeats the statement.
  const { sqlMessage } = fieldsOf(error);
  const text = typeof sqlMessage === "string" && sqlMessage !== "" ? sqlMessage : error.message;
  return redact(text.split("\n", 1)[0] || error.constructor.name);
}

interface Fields {
  readonly errno?: unknown;
  readonly sqlMessage?: unknown;
  readonly code?: unknown;
}

/** What both libraries attach to an error. */
function fieldsOf(error: unknown): Fields {
  return typeof error === "object" && error !== null ? error : {};
}
