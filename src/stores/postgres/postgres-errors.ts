import type { Applied } from "../../election/event.ts";
import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { redact } from "../../redact.ts";
import type { ServerKind } from "../connections/driver.ts";

const REFUSED = "INCUMBENT_STORE_REFUSED";
const MISCONFIGURED = "INCUMBENT_STORE_MISCONFIGURED";

interface Refusal {
  readonly code: StoreErrorCode;
  readonly hint?: string;
}

/** What an SQLSTATE means, by its beginning. A server that refuses has applied nothing. */
const refusals: readonly (readonly [state: string, refusal: Refusal])[] = [
  [
    "25006",
    {
      code: REFUSED,
      hint: "connected to a standby, or to a database that is read-only; give the address of the primary",
    },
  ],
  ["55000", { code: REFUSED, hint: "connected to a standby; give the address of the primary" }],
  ["40001", { code: REFUSED, hint: "the default isolation level makes transactions fail" }],
  ["40P01", { code: REFUSED }],
  ["55P03", { code: REFUSED, hint: "a lock was not available" }],
  ["57014", { code: REFUSED, hint: "the statement was cancelled" }],
  ["57P03", { code: REFUSED, hint: "the server is starting or shutting down" }],
  ["53300", { code: REFUSED, hint: "the server has no connection left: raise max_connections" }],
  ["53", { code: REFUSED, hint: "the server lacks a resource" }],
  ["28", { code: MISCONFIGURED, hint: "check user and password, and pg_hba.conf" }],
  ["3D000", { code: MISCONFIGURED, hint: "the server has no such database" }],
  [
    "3F000",
    {
      code: MISCONFIGURED,
      hint: "the database has no such schema; create it, or give another schema",
    },
  ],
  ["26000", { code: REFUSED, hint: "there is a pooler in between" }],
  ["42P05", { code: REFUSED, hint: "there is a pooler in between" }],
  ["42501", { code: MISCONFIGURED, hint: "the role lacks a right" }],
  ["22", { code: MISCONFIGURED }],
  // Two have created the same at once.
  ["23505", { code: REFUSED }],
  ["23", { code: MISCONFIGURED }],
  ["42", { code: MISCONFIGURED }],
];

/** Errors of the clients that say: this was not sent. */
const unsent =
  /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|^(PGlite is clos|getaddrinfo |connect |timeout expired$|write CONNECT_TIMEOUT|Connection terminated due to connection timeout)/;

/** PostgreSQL, as the connections to it are concerned. */
export const postgresKind: ServerKind = {
  name: "PostgreSQL",
  errorOf,
  isElsewhere: (error) => ["25006", "55000"].includes(stateOf(error) ?? ""),
};

/** PGlite, in this process. */
export const pgliteKind: ServerKind = {
  ...postgresKind,
  silence:
    "the application probably has a transaction open in PGlite, which has one session; keep transactions shorter than a third of the ttl",
};

/** The error of a statement, as one that says whether the statement may have been carried out. */
function errorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = textOf(error);
  const state = codeOf(error);
  const cause = causeOf(error, text, state);
  const refusal = refusals.find(([beginning]) => state?.startsWith(beginning))?.[1];
  if (refusal !== undefined) {
    const { code, hint } = refusal;
    const because = hint === undefined ? "" : ` (${hint})`;
    const detail = `refused${because}: ${text}`;
    return new StoreError(code, `PostgreSQL ${detail}`, { cause, applied: "no", detail });
  }
  const applied: Applied = unsent.test(text) ? "no" : "maybe";
  const message = `Cannot reach PostgreSQL: ${text}`;
  const detail = /\bECONNREFUSED\b/.test(text) ? "connection refused" : text;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { cause, applied, detail });
}

/** The SQLSTATE of a failure, if the server has said one. */
export function stateOf(error: unknown): string | undefined {
  return error instanceof StoreError ? codeOf(error.cause) : undefined;
}

/** The failure is one that the tables of the store, called so, never cause: another has one of their names. */
export function isForeign(error: unknown, names: readonly string[]): boolean {
  const state = stateOf(error) ?? "";
  const text = error instanceof StoreError ? textOf(error.cause) : "";
  // A view cannot be updated; a standby, which has the same state, names no table.
  if (state === "55000") return names.some((name) => text.includes(name));
  // A service that lacks a function by which the server is recognised is no matter of tables.
  const isOfServer = /\bpg_\w+\(/.test(text);
  return !isOfServer && foreign.has(state);
}

/** A policy keeps the role from the rows, which has the state of a right that is missing. */
export function isOfPolicy(message: unknown): boolean {
  return String(message).includes("row-level security");
}

/** Of a column, type, operator or index that is missing, of what is no table, and of columns and rules of others. */
const foreign: ReadonlySet<string> = new Set([
  ...["42703", "42804", "42883", "42P10", "42809"],
  ...["23502", "23503", "23514"],
]);

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return redact(String(error));
  // For a host with several addresses, Node.js says what happened at each beside an empty message.
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(textOf).join("; ");
  }
  return redact(error.message || error.constructor.name);
}

/** What the client threw, without what it attaches: the statement has the nonce of a lease among its values. */
function causeOf(error: unknown, text: string, code: string | undefined): Error {
  const cause = new Error(text);
  if (error instanceof Error) cause.name = error.name;
  return code === undefined ? cause : Object.assign(cause, { code });
}
