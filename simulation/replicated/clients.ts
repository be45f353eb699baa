import type { IoredisClient } from "../../src/stores/redis/client/redis-client.ts";
import { SimulatedClient } from "../simulated-client.ts";
import { SimulatedConnection, type Wiring } from "../simulated-connection.ts";
import type { ReplicatedServer } from "./replicated-server.ts";
import type { SimulatedSentinel } from "./simulated-sentinel.ts";

/** From where connections are made. */
export type Place = Pick<Wiring<SimulatedSentinel>, "schedule" | "network" | "process">;

/** The host by which `ioredisSentinels` asks for a Sentinel. The port is its number. */
const SENTINEL = "sentinel";

/** A connection to one of the servers. */
class ServerClient extends SimulatedClient {
  readonly #server: ReplicatedServer;

  constructor(wiring: Wiring<ReplicatedServer>) {
    super(wiring);
    this.#server = wiring.server;
  }

  override call(...args: string[]): Promise<unknown> {
    return this.request((answer, passage) => {
      this.#server.receiveOver(this, args, answer, passage);
    });
  }
}

/** A connection to one of the Sentinels. */
class SentinelClient extends SimulatedConnection<SimulatedSentinel> implements IoredisClient {
  call(...args: string[]): Promise<unknown> {
    return this.request((answer) => this.wiring.server.receive(args, answer));
  }

  duplicate(): SentinelClient {
    return new SentinelClient(this.wiring);
  }

  subscribe(): Promise<never> {
    return Promise.reject(new Error("nothing listens to a Sentinel"));
  }

  unsubscribe(): Promise<never> {
    return this.subscribe();
  }
}

/**
 * What the user passes: an ioredis client with `sentinels`, which is never connected. Its copies lead to a Sentinel or
 * to a server.
 */
export class ClientOfSentinels implements IoredisClient {
  readonly status = "wait";
  readonly options;
  readonly #place: Place;
  readonly #number: number;
  readonly #servers: readonly ReplicatedServer[];
  readonly #sentinels: readonly SimulatedSentinel[];

  /** `number`: of the process. */
  constructor(
    place: Place,
    number: number,
    servers: readonly ReplicatedServer[],
    sentinels: readonly SimulatedSentinel[],
  ) {
    this.#place = place;
    this.#number = number;
    this.#servers = servers;
    this.#sentinels = sentinels;
    this.options = {
      name: "primary",
      sentinels: sentinels.map((_, port) => ({ host: SENTINEL, port })),
    };
  }

  duplicate({ host = "", port = 0 }: { host?: string; port?: number } = {}): IoredisClient {
    const link = host === SENTINEL ? this.#servers.length + port : port;
    const wiring = { ...this.#place, link: [this.#number, link] } as const;
    const sentinel = this.#sentinels[port];
    const server = this.#servers[port];
    if (host === SENTINEL && sentinel !== undefined)
      return new SentinelClient({ ...wiring, server: sentinel });
    if (server !== undefined) return new ServerClient({ ...wiring, server });
    throw new Error(`The scenario has no ${host} ${port}.`);
  }

  on(): void {}
  off(): void {}
  disconnect(): void {}

  connect(): Promise<never> {
    return Promise.reject(new Error("the user's client is only copied"));
  }

  call(): Promise<never> {
    return this.connect();
  }

  subscribe(): Promise<never> {
    return this.connect();
  }

  unsubscribe(): Promise<never> {
    return this.connect();
  }
}
