import type { Wait } from "../connections/command-connection.ts";
import { CommandConnections } from "../connections/command-connections.ts";
import type { OpenDriver } from "../connections/driver.ts";
import { asReply, type MysqlReply } from "./mysql-driver.ts";
import { mysqlKind } from "./mysql-errors.ts";
import { type SessionSettings, sessionsOf } from "./mysql-session.ts";

/**
 * Connections of our own, usually one. The user's pool is only copied: its transactions would hold up a renewal, and
 * all of its connections may be taken.
 */
export class MysqlConnection {
  readonly lines: CommandConnections<string>;

  constructor(open: OpenDriver<string>, settings: SessionSettings) {
    this.lines = new CommandConnections(mysqlKind, sessionsOf(open, settings), () => {});
  }

  seek(wait: Pick<Wait, "clock" | "notAfter">): number {
    return this.lines.seek(wait);
  }

  /** Sends one statement. Rejects with a `StoreError`, as soon as the signal is aborted at the latest. */
  async send(sql: string, wait: Wait): Promise<MysqlReply> {
    const line = await this.lines.choose(wait);
    return asReply(await line.send(sql, wait));
  }

  async close(): Promise<void> {
    this.lines.close();
  }
}
