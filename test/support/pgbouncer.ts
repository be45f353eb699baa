import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./free-port.ts";
import { unprivileged } from "./unprivileged.ts";

/** A pooler in front of a PostgreSQL server, which gives each transaction another connection. */
export interface PgBouncer {
  readonly url: string;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const pooler of running) pooler.kill("SIGKILL");
});

export async function startPgBouncer(target: number): Promise<PgBouncer> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "incumbent-pgbouncer-"));
  const file = join(dir, "pgbouncer.ini");
  const settings = [
    ...["[databases]", `* = host=127.0.0.1 port=${target}`, "[pgbouncer]"],
    ...["listen_addr = 127.0.0.1", `listen_port = ${port}`, "unix_socket_dir ="],
    ...["auth_type = any", "pool_mode = transaction", "default_pool_size = 3"],
    "ignore_startup_parameters = extra_float_digits",
  ];
  // With `any` every user is let in under the name of the one who runs the pooler, unless the target says another.
  writeFileSync(
    file,
    settings.join("\n").replace(`port=${target}`, `port=${target} user=postgres`),
  );
  const user = unprivileged();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(dir, user.uid, user.gid);
  const pooler = spawn("/usr/sbin/pgbouncer", [file], {
    ...user,
    ...{ cwd: dir, stdio: ["ignore", "ignore", "pipe"] },
  });
  running.add(pooler);
  let log = "";
  for await (const chunk of pooler.stderr) {
    log += String(chunk);
    if (log.includes("process up")) break;
  }
  if (!log.includes("process up")) throw new Error(`pgbouncer did not start:\n${log}`);
  pooler.stderr.resume();
  return {
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    stop: async () => {
      running.delete(pooler);
      pooler.kill("SIGKILL");
      if (pooler.exitCode === null && pooler.signalCode === null) await once(pooler, "exit");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
