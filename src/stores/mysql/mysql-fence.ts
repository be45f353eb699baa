import type { FencedTerm } from "../../fenced-term.ts";
import { errorsIn, requirePassedOn, type Session, textIn } from "../sql/fenced-client.ts";
import { DEFAULT_IDLE_TIMEOUT, type FenceDialect, type FenceRow } from "../sql/sql-fence.ts";
import { toText } from "../stored-text.ts";
import { textLiteral } from "./mysql-literals.ts";
import type { Tables } from "./mysql-tables.ts";

/** Is gone when the statement that made it was no part of a transaction. */
const MARK = "incumbent_fence";

const NO_SAVEPOINT = 1305;

/** The numbers of errors that say what is wrong with the user's connection. */
const causes: Readonly<Record<number, ReturnType<FenceDialect["explain"]>>> = {
  1020: {
    code: "INCUMBENT_STORE_REFUSED",
    advice:
      "a process was elected after the transaction took its snapshot; roll back, and begin another if the term goes on",
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
    if (isMaria)
      await shorten(session, "idle_transaction_timeout", idleTimeout ?? DEFAULT_IDLE_TIMEOUT);
    // It ends every connection that is idle, so not unless it is asked for.
    else if (idleTimeout !== undefined) await shorten(session, "wait_timeout", idleTimeout);
    await session.run(`SAVEPOINT ${MARK}`);
  }

  /** A locking read: it reads what was committed last, also in a transaction with an older snapshot. */
  async lock({ query, run }: Session, { key }: FencedTerm): Promise<FenceRow> {
    const [row] = await query(`SELECT CAST(token AS CHAR) AS token FROM ${this.#fences}
      WHERE \`key\` = ${textLiteral(toText(key))} LOCK IN SHARE MODE`);
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
