import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../usage-error.ts";

/** A Redis server that the demo starts, without persistence, on a free port of 127.0.0.1. */
interface OwnServer {
  readonly port: number;
  process: ChildProcess | undefined;
}

/** The servers that the demo starts, kills and stops. */
export class RedisServers {
  readonly #servers: readonly OwnServer[];
  readonly #folder = mkdtempSync(join(tmpdir(), "incumbent-"));
  readonly #onExit = () => this.#killAll();

  private constructor(servers: readonly OwnServer[]) {
    this.#servers = servers;
    process.once("exit", this.#onExit);
    // By default a signal ends the process without an "exit" event, and the servers would keep running.
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => process.exit(128 + constants.signals[signal]));
    }
  }

  /** Starts so many servers. Throws a {@link UsageError} if `redis-server` is not installed. */
  static async start(count: number): Promise<RedisServers> {
    const ports = await freePorts(count);
    const servers = new RedisServers(ports.map((port) => ({ port, process: undefined })));
    try {
      await Promise.all(ports.map((_, index) => servers.restart(index)));
    } catch (error) {
      await servers.stop();
      throw error;
    }
    return servers;
  }

  get count(): number {
    return this.#servers.length;
  }

  get url(): string {
    return this.#servers.map(({ port }) => `redis://127.0.0.1:${port}`).join(",");
  }

  /** SIGKILL. */
  kill(index: number): void {
    this.#servers[index]?.process?.kill("SIGKILL");
  }

  /** Starts a server without data. Resolves when it accepts connections. */
  async restart(index: number): Promise<void> {
    const server = this.#servers[index];
    if (server === undefined) return;
    const place = ["--port", `${server.port}`, "--bind", "127.0.0.1", "--dir", this.#folder];
    const memory = ["--save", "", "--appendonly", "no"];
    const started = spawn("redis-server", [...place, ...memory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    server.process = started;
    const failure = once(started, "error").then(([error]) => {
      throw error instanceof Error && "code" in error && error.code === "ENOENT"
        ? new UsageError("--servers needs the program redis-server, which is not on the PATH.")
        : error;
    });
    await Promise.race([ready(started), failure]);
  }

  /** Stops all servers. */
  async stop(): Promise<void> {
    this.#killAll();
    const running = this.#servers.map(async ({ process: each }) => {
      if (each?.pid !== undefined && each.exitCode === null && each.signalCode === null) {
        await once(each, "exit");
      }
    });
    await Promise.all(running);
    process.off("exit", this.#onExit);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #killAll(): void {
    for (const { process: each } of this.#servers) each?.kill("SIGKILL");
  }
}

async function ready(server: ChildProcess): Promise<void> {
  let log = "";
  for await (const chunk of server.stdout ?? []) {
    log += String(chunk);
    if (!log.includes("Ready to accept connections")) continue;
    server.stdout?.resume();
    return;
  }
  if (server.pid !== undefined) throw new Error(`redis-server did not start:\n${log}`);
  // The program was not found; the "error" event reports it.
  await new Promise(() => {});
}

/** Listens on all ports at the same time, so that no port is returned twice. */
async function freePorts(count: number): Promise<number[]> {
  const held = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(held.map((server) => once(server, "listening")));
  const ports = held.map((server) => {
    const address = server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  });
  for (const server of held) server.close();
  await Promise.all(held.map((server) => once(server, "close")));
  return ports;
}
