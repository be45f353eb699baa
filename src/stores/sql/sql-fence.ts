import { type IncumbentError, isIncumbentError, StoreError } from "../../errors.ts";
import { type FencedTerm, requireCurrent, superseded } from "../../fenced-term.ts";
import { checkOptions, invalid, wholeNumber } from "../../input.ts";
import {
  type FencedClient,
  isPlainFunction,
  openingOf,
  type Session,
  sessionOf,
  textIn,
} from "./fenced-client.ts";

/** How a transaction is fenced. */
export interface FencedTransactionOptions {
  /**
   * After how long without a statement of yours the server ends the transaction, in ms, so that a leader that was
   * paused or cut off inside it keeps others out no longer than that. 1 to 3,600,000; a shorter limit that is set
   * already stays. MariaDB and MySQL round it up to seconds and keep it for the connection; MySQL ends the connection
   * then, also without a transaction.
   * @defaultValue 5000; on MySQL, whatever `wait_timeout` is set
   */
  readonly idleTimeout?: number | undefined;
}

/** In ms. */
export const DEFAULT_IDLE_TIMEOUT = 5000;

/** What a database answers about the transaction that is open. */
export interface FenceRow {
  /** Of the election, locked until the transaction ends; nothing if there is no election of this key. */
  readonly token: unknown;
  /** Whether this is the transaction in which the fence began. */
  readonly isSame: boolean;
  /** Whether there may be an election that the snapshot of the transaction is too old to show. */
  readonly isHidden?: boolean;
}

/** How one kind of database is fenced. */
export interface FenceDialect {
  /** Sets the limit, and leaves something in the transaction by which it is known again. */
  begin(session: Session, term: FencedTerm, idleTimeout: number | undefined): Promise<void>;
  /** Locks the row of the election until the transaction ends, so that no process is elected. */
  lock(session: Session, term: FencedTerm): Promise<FenceRow>;
  /** What is wrong and what to do, if that is known from an error of the server. */
  explain(error: unknown): { readonly code: FenceErrorCode; readonly advice: string } | undefined;
}

type FenceErrorCode = "INCUMBENT_STORE_REFUSED" | "INCUMBENT_STORE_MISCONFIGURED";

/**
 * Resolves if the term goes on. Then no process is elected until the transaction of `client` has ended, or the server
 * has ended it.
 */
export async function fence(
  dialect: FenceDialect,
  client: FencedClient,
  term: FencedTerm,
  settings: FencedTransactionOptions = {},
): Promise<void> {
  requireCurrent(term);
  const session = sessionOf(client);
  const idleTimeout = idleTimeoutOf(settings);
  const { token, isSame, isHidden } = await inTurn(client, () =>
    explained(dialect, async () => {
      await dialect.begin(session, term, idleTimeout);
      return dialect.lock(session, term);
    }),
  );
  if (!isSame) throw noTransaction(client);
  // The lock may have been waited for.
  requireCurrent(term);
  if (isHidden === true) throw hidden();
  if (textIn(token) !== String(term.token)) throw superseded(term);
}

/** Fences that were begun on a client. One that begins beside another would take away what that one is known by. */
const turns = new WeakMap<object, Promise<unknown>>();

/** A function may serve many transactions, which must not wait for each other. */
async function inTurn<Result>(client: FencedClient, ask: () => Promise<Result>): Promise<Result> {
  if (isPlainFunction(client)) return ask();
  const turn = turns.get(client)?.then(ask, ask) ?? ask();
  turns.set(client, turn);
  try {
    return await turn;
  } finally {
    if (turns.get(client) === turn) turns.delete(client);
  }
}

/** Not that the term is over: the row may have been made by the leader's own election. */
function hidden(): StoreError {
  const message =
    "The transaction cannot be fenced: there was no election of this key when it took its snapshot; roll back, and begin another if the term goes on.";
  return new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "no" });
}

async function explained<Result>(
  dialect: FenceDialect,
  ask: () => Promise<Result>,
): Promise<Result> {
  try {
    return await ask();
  } catch (cause) {
    const known = isIncumbentError(cause) ? undefined : dialect.explain(cause);
    if (known === undefined) throw cause;
    const { code, advice } = known;
    const text = cause instanceof Error ? cause.message : String(cause);
    const message = `The transaction cannot be fenced: ${advice} (${text}).`;
    throw new StoreError(code, message, { cause, applied: "no" });
  }
}

function idleTimeoutOf(settings: FencedTransactionOptions): number | undefined {
  const { idleTimeout } = checkOptions(settings, ["idleTimeout"], "{ idleTimeout: 5000 }");
  if (idleTimeout === undefined) return undefined;
  return wholeNumber("idleTimeout", idleTimeout, { min: 1, max: 3_600_000, example: "5000" });
}

/** A statement alone is over, and its lock is free, before the next one. */
function noTransaction(client: FencedClient): IncumbentError {
  return invalid({
    name: "client",
    rule: isPlainFunction(client)
      ? "must have a transaction open, send every statement in it, and serve one fence at a time"
      : "must have a transaction open, and send every statement in it",
    value: client,
    example: openingOf(client),
  });
}
