import { execFile } from "node:child_process";
import { appendFileSync, chownSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import type { PostgresServer } from "./postgres-server.ts";
import { unprivileged } from "./unprivileged.ts";

const run = promisify(execFile);

/**
 * Makes a standby of the files of a server that runs. By hand, because the servers that npm has come without
 * pg_basebackup, and one of another version does not fit. It follows the primary by this URL.
 */
export async function copyForStandby(
  primary: PostgresServer,
  data: string,
  url: string,
): Promise<void> {
  const label = await copyOf(primary, data);
  rmSync(join(data, "postmaster.pid"), { force: true });
  const user = unprivileged();
  const write = (name: string, text: string) => {
    const path = join(data, name);
    writeFileSync(path, text);
    if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
  };
  write("backup_label", label);
  write("standby.signal", "");
  appendFileSync(join(data, "postgresql.auto.conf"), `primary_conninfo = '${url}'\n`);
}

/** Copies the files, and answers with the label that the server needs when it starts on the copy. */
async function copyOf({ url, data: from }: PostgresServer, to: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("SELECT current_setting('server_version_num')::int AS n");
    const [begin, end] =
      rows[0].n >= 150_000
        ? ["pg_backup_start('standby', true)", "pg_backup_stop(false)"]
        : ["pg_start_backup('standby', true, false)", "pg_stop_backup(false, false)"];
    await client.query(`SELECT ${begin}`);
    // It fails for a file that is gone before it is copied, which the log of the server makes up for.
    await run("cp", ["-a", from, to], unprivileged()).catch(() => {});
    const ended = await client.query(`SELECT labelfile FROM ${end}`);
    return ended.rows[0].labelfile;
  } finally {
    await client.end();
  }
}
