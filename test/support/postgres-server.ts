import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { getuid, kill as signal } from "node:process";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "./free-port.ts";
import { copyForStandby } from "./postgres-standby.ts";
import { unprivileged } from "./unprivileged.ts";

/** A PostgreSQL server of one test file, on a free port of the loopback. */
export interface PostgresServer {
  readonly port: number;
  readonly url: string;
  /** Where it keeps its files. */
  readonly data: string;
  /** Runs one statement, or several without values, and answers with the rows of the last. */
  query(text: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  /** Makes it one whose memory has long been known: no quarantine for new keys. */
  settle(): Promise<void>;
  /** Ends it as a crash does, and waits until it has gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port and files. */
  start(): Promise<void>;
  /** SIGSTOP, of all its processes. */
  pause(): void;
  /** SIGCONT. */
  resume(): void;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

// Nothing survives the tests, also when one of them throws.
const running = new Set<ChildProcess>();
const folders = new Set<string>();
process.on("exit", () => {
  for (const server of running) {
    server.kill("SIGQUIT");
    server.kill("SIGCONT"); // One that stands still ends nothing.
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const run = promisify(execFile);

/** `settings` as in postgresql.conf, such as `max_connections=20`; `env` is that of the server alone. */
export function startPostgres(
  settings: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Promise<PostgresServer> {
  const args = ["-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"];
  return startWith({ settings, env }, async (data) => {
    const options = { ...unprivileged(), cwd: dirname(data) };
    await run(postgresProgram("initdb"), ["-D", data, ...args], options);
  });
}

/** A standby that follows the primary until `SELECT pg_promote()`; by another URL if its link may be cut. */
export function startStandby(
  primary: PostgresServer,
  { url = primary.url, settings = [] as readonly string[] } = {},
): Promise<PostgresServer> {
  return startWith({ settings, env: process.env }, (data) => copyForStandby(primary, data, url));
}

/** `fill` makes the folder with the files. */
async function startWith(
  { settings, env }: Pick<Launch, "settings" | "env">,
  fill: (data: string) => Promise<void>,
): Promise<PostgresServer> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "incumbent-postgres-"));
  folders.add(dir);
  const user = unprivileged();
  if (user.uid !== undefined && user.gid !== undefined) chownSync(dir, user.uid, user.gid);
  const data = join(dir, "data");
  await fill(data);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  const launch = () => launchPostgres({ data, port, settings, env });
  let server = await launch();

  const kill = async () => {
    if (!running.delete(server)) return;
    server.kill("SIGQUIT");
    // It may have ended by itself.
    if (server.exitCode !== null || server.signalCode !== null) return;
    // A process of the server that waits for the first packet of a client heeds no SIGQUIT, for up to a minute.
    const insist = setTimeout(() => signalChildren(server, "SIGKILL"), 1000);
    await once(server, "exit");
    clearTimeout(insist);
  };
  const query: PostgresServer["query"] = (text, values) => queryAt(url, text, values);
  return {
    ...{ port, url, data, query, kill },
    pause: () => signalAll(server, "SIGSTOP"),
    resume: () => signalAll(server, "SIGCONT"),
    settle: async () => {
      await query(
        "UPDATE incumbent_elections_server SET since = 1; UPDATE incumbent_elections SET waits_until = 1",
      );
    },
    start: async () => {
      server = await launch();
    },
    stop: async () => {
      await kill();
      rmSync(dir, { recursive: true, force: true });
      folders.delete(dir);
    },
  };
}

/** To the server, and then to its processes: it makes none after it has been stopped. */
function signalAll(server: ChildProcess, name: NodeJS.Signals): void {
  server.kill(name);
  signalChildren(server, name);
}

function signalChildren(server: ChildProcess, name: NodeJS.Signals): void {
  const { stdout } = spawnSync("pgrep", ["-P", `${server.pid}`], { encoding: "utf8" });
  for (const pid of stdout.split("\n").filter(Boolean)) {
    try {
      signal(Number(pid), name);
    } catch {
      // It has ended meanwhile.
    }
  }
}

/** A program of the server: from the folder that `INCUMBENT_POSTGRES` names, or where Debian keeps it, off the PATH. */
export function postgresProgram(name: string): string {
  const chosen = process.env["INCUMBENT_POSTGRES"];
  if (chosen !== undefined && chosen !== "") return join(chosen, name);
  const versions = "/usr/lib/postgresql";
  try {
    const [newest] = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    if (newest !== undefined) return join(versions, newest, "bin", name);
  } catch {
    // Not on Debian.
  }
  return name;
}

async function queryAt(url: string, text: string, values?: readonly unknown[]) {
  const client = new pg.Client({ connectionString: url });
  // What is asked fails by itself; a server that crashes may end the connection after it has answered.
  client.on("error", () => {});
  await client.connect();
  try {
    const result = await client.query(text, values && [...values]);
    return [result].flat().at(-1)?.rows ?? [];
  } finally {
    await client.end();
  }
}

interface Launch {
  readonly data: string;
  readonly port: number;
  readonly settings: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** In ms. */
const LONGEST_START = 25_000;

async function launchPostgres({ data, port, settings, env }: Launch): Promise<ChildProcess> {
  const place = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", ""];
  // What was confirmed survives all that a test does to it: the machine itself does not crash.
  const quick = ["fsync=off", "shared_buffers=16MB", "log_checkpoints=off", ...settings];
  const args = [...place, ...quick.flatMap((setting) => ["-c", setting])];
  const server = spawn(postgresProgram("postgres"), args, {
    ...unprivileged(),
    ...{ cwd: data, env, stdio: ["ignore", "ignore", "pipe"] },
  });
  running.add(server);
  // Sooner than a test gives up, which would leave it behind without a word.
  const tooLate = setTimeout(() => server.kill("SIGQUIT"), LONGEST_START);
  let log = "";
  for await (const chunk of server.stderr) {
    log += String(chunk);
    if (/database system is ready to accept (read.only )?connections/.test(log)) {
      clearTimeout(tooLate);
      server.stderr.resume();
      return server;
    }
  }
  clearTimeout(tooLate);
  running.delete(server);
  throw new Error(`postgres did not start as user ${getuid?.()}:\n${log}`);
}
