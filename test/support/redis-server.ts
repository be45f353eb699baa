import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";

/** A Redis server of one test file, on a free port of the loopback. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Where it keeps its files. */
  readonly dir: string;
  /** Runs one command and answers with what redis-cli prints. */
  command(...args: [string, ...string[]]): Promise<string>;
  /** Makes it one whose memory has long been known: no quarantine for new keys. */
  settle(): Promise<void>;
  /** SIGKILL, and waits until it has gone. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty unless `args` say otherwise. */
  start(args?: readonly string[]): Promise<void>;
  /** SIGSTOP. */
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
  for (const server of running) server.kill("SIGKILL");
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

const run = promisify(execFile);

export async function startRedis(args: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  const dir = mkdtempSync(join(tmpdir(), "incumbent-redis-"));
  folders.add(dir);
  let server = await launch(port, dir, args);

  const kill = async () => {
    if (!running.delete(server)) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  };
  const command: RedisServer["command"] = (...words) => redisCommand(port, words);
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    dir,
    command,
    settle: async () => {
      const [, process] = /run_id:(\w+)/.exec(await command("INFO", "server")) ?? [];
      const [, data] = /master_replid:(\w+)/.exec(await command("INFO", "replication")) ?? [];
      await command("HSET", "incumbent:server", "run", `${process}:${data}`, "since", "1");
    },
    kill,
    start: async (again = []) => {
      server = await launch(port, dir, again);
    },
    pause: () => void server.kill("SIGSTOP"),
    resume: () => void server.kill("SIGCONT"),
    stop: async () => {
      await kill();
      rmSync(dir, { recursive: true, force: true });
      folders.delete(dir);
    },
  };
}

/** Runs one command on the server at this port and answers with what redis-cli prints. */
export async function redisCommand(port: number, words: readonly string[]): Promise<string> {
  const { stdout } = await run("redis-cli", ["-p", String(port), ...words]);
  return stdout.trimEnd();
}

async function launch(port: number, dir: string, args: readonly string[]): Promise<ChildProcess> {
  const options = ["--port", `${port}`, "--bind", "127.0.0.1", "--dir", dir];
  const memory = ["--save", "", "--appendonly", "no"];
  const server = spawn("redis-server", [...options, ...memory, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(server);
  let log = "";
  for await (const chunk of server.stdout) {
    log += String(chunk);
    if (log.includes("Ready to accept connections")) {
      server.stdout.resume();
      return server;
    }
  }
  throw new Error(`redis-server did not start:\n${log}`);
}
