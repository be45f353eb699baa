import type { FencedTerm } from "../../fenced-term.ts";
import { invalid } from "../../input.ts";
import { errorsIn, requirePassedOn, type Session, textIn } from "../sql/fenced-client.ts";
import { DEFAULT_IDLE_TIMEOUT, type FenceDialect, type FenceRow } from "../sql/sql-fence.ts";
import { textLiteral } from "./mysql-literals.ts";
import type { Tables } from "./mysql-tables.ts";

/** Is gone when the statement that made it was no part of a transaction. */
const MARK = "incumbent_fence";

const NO_SAVEPOINT = 1305;

/** Of XA: the transaction that is open has another name. Without one of XA, the server says that its state is wrong. */
const OTHER_XA_TRANSACTION = 1397;

/** The numbers of errors that say what is wrong with the user's connection. */
const causes: Readonly<Record<number, ReturnType<FenceDialect["explain"]>>> = {
  1020: {
    code: "INCUMBENT_STORE_REFUSED",
    advice:
      "a process was elected after the transaction took its snapshot; roll back, and begin another if the term goes on",
  },
  1046: {
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice:
      "its connection has no database; connect it to the database of the elections, or give the store its name as schema",
  },
  1100: {
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice:
      "LOCK TABLES is in effect on its connection without the table of fences; UNLOCK TABLES, and begin a transaction after it",
  },
  1146: {
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice:
      "there is no table of fences; connect to the database of the elections, or give the store its name as schema",
  },
  1205: {
    code: "INCUMBENT_STORE_REFUSED",
    advice: "another transaction has the row; roll back, and begin another if the term goes on",
  },
  1213: {
    code: "INCUMBENT_STORE_REFUSED",
    advice:
      "a deadlock has rolled it back, with all of its statements; begin another if the term goes on",
  },
  1295: {
    code: "INCUMBENT_STORE_MISCONFIGURED",
    advice:
      "MySQL prepares no SAVEPOINT; let the function send each statement as a text, for example (sql) => connection.query(sql) instead of execute",
  },
  1412: {
    code: "INCUMBENT_STORE_REFUSED",
    advice:
      "the table of fences was altered after the transaction took its snapshot; roll back, and begin another if the term goes on",
  },
};

/** How a transaction on MySQL or MariaDB is fenced. No statement has parameters, so every client can run it. */
export class MysqlFence implements FenceDialect {
  readonly #fences: string;

  constructor({ fences }: Tables) {
    this.#fences = fences;
  }

  async begin(
    session: Session,
    { token }: FencedTerm,
    idleTimeout: number | undefined,
  ): Promise<void> {
    const [server] = await session.query(`SELECT VERSION() AS version, '${token}' AS mark`);
    requirePassedOn(server?.[1], String(token));
    const isMaria = textIn(server?.[0])?.includes("MariaDB") === true;
    if (isMaria) await beginOnMariadb(session, idleTimeout ?? DEFAULT_IDLE_TIMEOUT);
    // It ends every connection that is idle, so not unless it is asked for.
    else if (idleTimeout !== undefined) await shorten(session, "wait_timeout", idleTimeout);
    await session.run(`SAVEPOINT ${MARK}`);
  }

  /** A locking read: it reads what was committed last, also in a transaction with an older snapshot. */
  async lock({ query, run }: Session, { key }: FencedTerm): Promise<FenceRow> {
    const [row] = await query(`SELECT CAST(token AS CHAR) AS token FROM ${this.#fences}
      WHERE \`key\` = ${textLiteral(key)} LOCK IN SHARE MODE`);
    try {
      await run(`RELEASE SAVEPOINT ${MARK}`);
    } catch (error) {
      if (numberOf(error) !== NO_SAVEPOINT) throw error;
      return { token: undefined, isSame: false };
    }
    return { token: row?.[0], isSame: true };
  }

  explain(error: unknown): ReturnType<FenceDialect["explain"]> {
    const number = numberOf(error);
    if (number === 1142 || number === 1143 || number === 1044) {
      const advice = `GRANT SELECT, UPDATE ON ${this.#fences} to its user`;
      return { code: "INCUMBENT_STORE_MISCONFIGURED", advice };
    }
    return number === undefined ? undefined : causes[number];
  }
}

async function beginOnMariadb(session: Session, idleTimeout: number): Promise<void> {
  const [state] =
    await session.query(`SELECT CAST(@@in_transaction OR NOT @@autocommit AS CHAR) AS is_open,
    (SELECT VARIABLE_VALUE FROM information_schema.SESSION_STATUS WHERE VARIABLE_NAME = 'COM_XA_START') AS xa`);
  const [isOpen, xa] = (state ?? []).map(textIn);
  // A call that is about to be refused leaves the session as it is.
  if (isOpen === "0") return;
  if (xa !== "0") await refuseXa(session);
  await shorten(session, "idle_transaction_timeout", idleTimeout);
}

/**
 * MariaDB frees shared locks when a transaction of XA is prepared (seen on 10.11): a process can be elected then, and the
 * transaction commit after it. MySQL keeps them.
 */
async function refuseXa({ run }: Session): Promise<void> {
  try {
    await run(`XA END '${MARK}'`);
  } catch (error) {
    if (numberOf(error) !== OTHER_XA_TRANSACTION) return;
  }
  throw invalid({
    name: "client",
    rule: "must not have a transaction of XA open, whose locks MariaDB frees before the commit",
    value: "XA START",
    example: "await connection.beginTransaction() before it",
  });
}

/** In whole seconds. 0 is no limit. */
async function shorten({ run }: Session, name: string, limit: number): Promise<void> {
  const seconds = Math.ceil(limit / 1000);
  const current = `@@SESSION.${name}`;
  // To MySQL, a choice between an unsigned number and another one is a decimal, which it sets no variable to.
  await run(
    `SET SESSION ${name} = CAST(IF(${current} BETWEEN 1 AND ${seconds}, ${current}, ${seconds}) AS UNSIGNED)`,
  );
}

/** As the server counts its errors. */
function numberOf(error: unknown): number | undefined {
  // Prisma has it as a text.
  const numbers = errorsIn(error).map(({ errno, originalCode }) => Number(errno ?? originalCode));
  return numbers.find((number) => number > 0);
}
