import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import { freePort } from "./free-port.ts";
import { unprivileged } from "./unprivileged.ts";

/** A MariaDB or MySQL server of one test file, on a free port of the loopback, with a database `elections`. */
export interface MysqlServer {
  readonly port: number;
  /** As root, with `mysql://` in front. */
  readonly url: string;
  /** Where it keeps its files: `data` is the data directory. */
  readonly dir: string;
  /** Runs statements as root and returns the rows of the last one. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** SIGKILL, and waits until it has gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port with the same data, as before if nothing else is said. */
  start(options?: Launch): Promise<void>;
  /** SIGSTOP. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** How a server is started. */
export interface Launch {
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** What a server is made of. */
export interface Installation {
  /** Makes the data directory, in which `owner` may write. */
  install(dir: string, owner: Owner): Promise<void>;
  /** The program that serves it, and its arguments. */
  command(dir: string, port: number, owner: Owner): readonly [string, ...string[]];
}

/** As whom the server runs. */
export type Owner = ReturnType<typeof unprivileged>;

/** Debian keeps servers in a folder that is on the path of root only. */
export const environment = { ...process.env, PATH: `${process.env["PATH"]}:/usr/sbin` };

// Nothing survives the tests, also when one of them throws.
const endings = new Set<() => void>();
process.on("exit", () => {
  for (const end of endings) end();
});

export async function startServer(
  installation: Installation,
  launch: Launch,
): Promise<MysqlServer> {
  const owner = unprivileged();
  const dir = mkdtempSync(join(tmpdir(), "incumbent-mysql-"));
  chmodSync(dir, 0o777);
  const remove = () => rmSync(dir, { recursive: true, force: true });
  endings.add(remove);
  await installation.install(dir, owner);
  const port = await freePort();
  let server = await serve(installation.command(dir, port, owner), port, owner, launch);
  await query(port, "CREATE DATABASE IF NOT EXISTS elections");
  return {
    port,
    url: `mysql://root@127.0.0.1:${port}/elections`,
    dir,
    query: (sql) => query(port, `USE elections; ${sql}`),
    kill: () => server.kill(),
    start: async (again = launch) => {
      server = await serve(installation.command(dir, port, owner), port, owner, again);
    },
    pause: () => server.signal("SIGSTOP"),
    resume: () => server.signal("SIGCONT"),
    stop: async () => {
      await server.kill();
      remove();
      endings.delete(remove);
    },
  };
}

async function serve(
  [program, ...args]: readonly [string, ...string[]],
  port: number,
  owner: Owner,
  launch: Launch,
) {
  const server = spawn(program, [...args, ...(launch.args ?? [])], {
    ...owner,
    env: { ...environment, ...launch.env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const end = () => void server.kill("SIGKILL");
  endings.add(end);
  let log = "";
  server.stderr.on("data", (chunk) => {
    log = (log + String(chunk)).slice(-4000);
  });
  const ended = once(server, "exit");
  const isOver = () => server.exitCode !== null || server.signalCode !== null;
  while (!(await answers(port))) {
    if (isOver()) throw new Error(`${program} did not start:\n${log}`);
  }
  return {
    signal: (signal: NodeJS.Signals) => void server.kill(signal),
    kill: async () => {
      endings.delete(end);
      end();
      await ended;
    },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    await query(port, "SELECT 1");
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }
}

async function query(port: number, sql: string): Promise<Record<string, unknown>[]> {
  const options = { host: "127.0.0.1", port, user: "root", multipleStatements: true };
  const connection = await createConnection(options);
  try {
    const [results] = await connection.query(sql);
    const last = Array.isArray(results) ? (sql.includes(";") ? results.at(-1) : results) : [];
    // A statement that returns no rows has a header instead.
    return Array.isArray(last) ? (last as Record<string, unknown>[]) : [];
  } finally {
    connection.destroy();
  }
}
