import { StoreError } from "../../errors.ts";
import type { Send } from "../sql/sql-calls.ts";
import { asReply, type MysqlReply } from "./mysql-driver.ts";
import { isLocked } from "./mysql-errors.ts";

/** Sends a statement of ours. */
export type Ask = (sql: string) => Promise<MysqlReply>;

export function asking(send: Send<string>): Ask {
  return async (sql) => asReply(await send(sql));
}

/** Nothing if another transaction has locked a row for too long: then the statement has changed none. */
export async function unlessLocked(ask: Ask, statement: string): Promise<MysqlReply | undefined> {
  try {
    return await ask(statement);
  } catch (error) {
    if (isLocked(error)) return undefined;
    throw error;
  }
}

/** Whether a statement has found what was seen before. */
export async function carriedOut(ask: Ask, statement: string): Promise<boolean> {
  const reply = await unlessLocked(ask, statement);
  return reply !== undefined && reply.affected > 0;
}

/** A look changes nothing, whatever became of it. */
export function unapplied(error: unknown): unknown {
  if (!(error instanceof StoreError) || error.applied === "no") return error;
  const { code, message, cause, detail } = error;
  return new StoreError(code, message, { cause, applied: "no", detail });
}
