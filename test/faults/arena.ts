import { type RedisServer, startRedis } from "../support/redis-server.ts";
import { startProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import type { Candidate } from "./candidate-process.ts";
import { Troupe } from "./troupe.ts";

/** Five servers, and candidates that reach each of them through a proxy of their own. */
export class Arena {
  readonly servers: readonly RedisServer[];
  readonly troupe = new Troupe();
  /** For each candidate, its proxies to all servers. */
  readonly links: TcpProxy[][] = [];
  readonly #ttl: number;

  private constructor(servers: readonly RedisServer[], ttl: number) {
    this.servers = servers;
    this.#ttl = ttl;
  }

  static async open(ttl: number): Promise<Arena> {
    const servers = await Promise.all(Array.from({ length: 5 }, () => startRedis()));
    await Promise.all(servers.map((server) => server.settle()));
    return new Arena(servers, ttl);
  }

  async enlist(name: string): Promise<Candidate> {
    const own = await Promise.all(this.servers.map(({ port }) => startProxy(port)));
    this.links.push(own);
    const store = { ports: own.map(({ port }) => port) };
    return this.troupe.add(name, { store, options: { ttl: this.#ttl } });
  }

  /** For how long there was no leader, each time. */
  vacancies(): number[] {
    const beliefs = this.troupe.candidates.flatMap((candidate) => candidate.beliefs);
    const terms = beliefs.sort((a, b) => a.from - b.from);
    return terms.slice(1).map(({ from }, index) => from - (terms[index]?.until ?? from));
  }

  async close(): Promise<void> {
    await this.troupe.disperse();
    await Promise.all(this.links.flat().map((proxy) => proxy.close()));
    await Promise.all(this.servers.map((server) => server.stop()));
  }
}
