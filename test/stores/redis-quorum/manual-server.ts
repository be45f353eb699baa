import { requestsOf } from "../../../simulation/redis/call.ts";
import { serverOf } from "../../../simulation/redis/execution.ts";
import { knownScripts } from "../../../simulation/redis/script-catalogue.ts";
import { SimulatedRedis } from "../../../simulation/redis/simulated-redis.ts";
import type { IoredisClient } from "../../../src/stores/redis/client/redis-client.ts";

type Listener = (...values: unknown[]) => void;

/** What a server keeps from going on until it is delivered. */
export type Holding = "nothing" | "requests" | "answers";

/** What was sent, by the name of its script or command, and is held up. */
interface Held {
  readonly name: string;
  deliver(): void;
}

/** A Redis server whose messages a test delivers, and whose clock shows the time that it is given. */
export class ManualServer {
  readonly redis: SimulatedRedis;
  /** The scripts that were carried out, in their order. */
  readonly done: string[] = [];
  holding: Holding = "nothing";
  /** Every command is refused before it is sent. */
  isDown = false;
  /** How far its clock is ahead of the others, in ms. */
  ahead = 0;
  readonly #now: () => number;
  readonly #clients = new Set<ManualClient>();
  #held: Held[] = [];
  #runs = 1;

  constructor(name: string, now: () => number) {
    this.#now = now;
    this.redis = new SimulatedRedis({ run: `${name}1`, data: `${name}0` });
    this.redis.onPublish = (channel, message) => {
      for (const client of this.#clients) client.hear(channel, message);
    };
    for (const script of knownScripts.keys()) this.execute("EVAL", script, "0", "0");
    const run = serverOf(this.redis.identity);
    this.execute("HSET", "incumbent:server", "run", run, "since", "1");
  }

  /** What is held up, in the order in which it was sent. */
  get held(): string[] {
    return this.#held.map(({ name }) => name);
  }

  /** Its clock, in µs since 1970. */
  get micros(): number {
    return Math.floor((1_700_000_000_000 + this.#now() + this.ahead) * 1000);
  }

  client(): IoredisClient {
    return new ManualClient(this);
  }

  execute(...command: string[]): unknown {
    return this.redis.execute(command, this.micros);
  }

  /** A field of the election's hash; `null` where there is none. */
  field(key: string, name: string): unknown {
    return this.execute("HGET", key, name);
  }

  /** Another process in its place, which remembers nothing. */
  forget(): void {
    this.#runs += 1;
    this.redis.restart(`f${this.#runs}`, new Map());
    for (const script of knownScripts.keys()) this.execute("EVAL", script, "0", "0");
  }

  /** Lets everything go on that is held up, in its order. */
  deliver(): void {
    for (const { deliver } of this.#held.splice(0)) deliver();
  }

  /** Ends every connection. */
  cut(): void {
    for (const client of [...this.#clients]) client.lose();
  }

  add(client: ManualClient): void {
    this.#clients.add(client);
  }

  remove(client: ManualClient): void {
    this.#clients.delete(client);
  }

  receive(command: readonly string[]): Promise<unknown> {
    if (this.isDown) return Promise.reject(new Error("connect ECONNREFUSED"));
    if (command[0] === "PING") return Promise.resolve("PONG");
    const name = nameOf(command);
    return new Promise((resolve, reject) => {
      const carryOut = () => {
        this.done.push(name);
        try {
          const reply = this.execute(...command);
          return () => resolve(reply);
        } catch (error) {
          return () => reject(error);
        }
      };
      if (this.holding === "requests") {
        this.#held.push({ name, deliver: () => carryOut()() });
        return;
      }
      const answer = carryOut();
      if (this.holding === "answers") this.#held.push({ name, deliver: answer });
      else answer();
    });
  }
}

/** What was asked of the script, or the command itself. */
function nameOf([command = "", , count = "0", ...rest]: readonly string[]): string {
  if (!command.startsWith("EVAL")) return command;
  const [keys, args] = [rest.slice(0, Number(count)), rest.slice(Number(count))];
  return requestsOf({ keys, args })
    .map(({ name }) => name)
    .join(", ");
}

/** As ioredis behaves, over a connection that is there with the next microtask. */
class ManualClient implements IoredisClient {
  status = "wait";
  readonly #server: ManualServer;
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #channels = new Set<string>();

  constructor(server: ManualServer) {
    this.#server = server;
  }

  duplicate(): ManualClient {
    return new ManualClient(this.#server);
  }

  async connect(): Promise<void> {
    this.status = "connecting";
    await Promise.resolve();
    if (this.status !== "connecting") return;
    this.status = "ready";
    this.#server.add(this);
    this.#emit("ready");
  }

  disconnect(): void {
    this.status = "end";
    this.#leave();
  }

  /** As when the other side ends the connection. */
  lose(): void {
    this.status = "reconnecting";
    this.#leave();
  }

  call(...command: string[]): Promise<unknown> {
    return this.#server.receive(command);
  }

  async subscribe(...channels: string[]): Promise<unknown> {
    for (const channel of channels) this.#channels.add(channel);
    return channels.length;
  }

  async unsubscribe(...channels: string[]): Promise<unknown> {
    for (const channel of channels) this.#channels.delete(channel);
    return channels.length;
  }

  on(event: string, listener: Listener): void {
    this.#listeners.set(event, (this.#listeners.get(event) ?? new Set()).add(listener));
  }

  off(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  hear(channel: string, message: string): void {
    if (this.#channels.has(channel)) this.#emit("message", channel, message);
  }

  #leave(): void {
    this.#server.remove(this);
    this.#channels.clear();
    this.#emit("close");
  }

  #emit(event: string, ...values: unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...values);
  }
}
