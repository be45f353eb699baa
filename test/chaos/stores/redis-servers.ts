import { rmSync } from "node:fs";
import { join } from "node:path";
import { type RedisServer, startRedis } from "../../support/redis-server.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import type { Servers } from "../servers.ts";

// Without the delay a replica that comes back would follow 5 s later.
const OPTIONS = [
  ...["--appendonly", "yes", "--appendfsync", "everysec"],
  ...["--repl-diskless-sync-delay", "0"],
];

/** A primary that writes everything down, and a replica that follows it over a link of its own. */
export class RedisServers implements Servers {
  #primary: RedisServer;
  #replica: RedisServer;
  readonly #link: TcpProxy;

  constructor(primary: RedisServer, replica: RedisServer, link: TcpProxy) {
    this.#primary = primary;
    this.#replica = replica;
    this.#link = link;
  }

  get primary(): RedisServer {
    return this.#primary;
  }

  get port(): number {
    return this.#primary.port;
  }

  address(client: string, port: number | undefined): object {
    // Where connections are swallowed, a client that connects before it is used would wait for ever.
    return { port, client, isLazy: true };
  }

  /** The folder of the append-only file of the primary. */
  get appendOnlyFolder(): string {
    return join(this.#primary.dir, "appendonlydir");
  }

  /** SIGKILL, and again with what is in its file. */
  async restart(whileDown: () => void = () => {}): Promise<void> {
    await this.#primary.kill();
    whileDown();
    await this.#primary.start(OPTIONS);
  }

  async restartEmpty(): Promise<void> {
    await this.restart(() => rmSync(this.appendOnlyFolder, { recursive: true, force: true }));
  }

  /** The replica hears nothing of what is written from now on. */
  isolateReplica(): void {
    this.#link.mode = "swallow";
  }

  /** The primary is gone for good, and the replica takes over with what it has. */
  async promote(): Promise<void> {
    await this.#primary.kill();
    await this.#replica.command("REPLICAOF", "NO", "ONE");
    [this.#primary, this.#replica] = [this.#replica, this.#primary];
  }

  /** Starts a replica of the new primary, with nothing of its own. */
  async replenish(): Promise<void> {
    this.#link.mode = "pass";
    this.#link.target = this.#primary.port;
    this.#link.cut();
    rmSync(join(this.#replica.dir, "appendonlydir"), { recursive: true, force: true });
    await this.#replica.start(replicaOf(this.#link));
  }

  async replicaFollows(): Promise<void> {
    while (!(await this.#replica.command("INFO", "replication")).includes("link_status:up")) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#primary.stop(), this.#replica.stop(), this.#link.close()]);
  }
}

function replicaOf({ port }: TcpProxy): string[] {
  return [...OPTIONS, "--replicaof", "127.0.0.1", `${port}`];
}

export async function startRedisServers(): Promise<RedisServers> {
  const primary = await startRedis(OPTIONS);
  const link = await startProxy(primary.port);
  return new RedisServers(primary, await startRedis(replicaOf(link)), link);
}
