import { officeScript, script } from "../src/stores/redis/script/redis-scripts.ts";
import { EPOCH } from "./machine-clocks.ts";
import { Machines, type TakenOver } from "./machines.ts";
import { type CallRequest, requestsOf } from "./redis/call.ts";
import { serverOf } from "./redis/execution.ts";
import { emptyMemory, withValue } from "./redis/memory.ts";
import { SimulatedRedis } from "./redis/simulated-redis.ts";
import type { ServerPlan } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** Passes the answer to its receiver. */
export type Answer = (
  settle: (resolve: (value: unknown) => void, reject: (error: Error) => void) => void,
) => void;

/** A connection from the view of the server. */
export interface Subscriber {
  /** The number of the process at the other end. */
  readonly processNumber: number;
  hear(channel: string, message: string): void;
  /** Closes the connection. */
  cut(): void;
}

/** The key of a server's stamp: the default of the stores. */
export const STAMP = "incumbent:server";

/** How a command reached a server. */
export interface Passage {
  /** The number of the process that sent it. */
  readonly from: number;
  /** When it was sent, in the world's time. */
  readonly sentAt: number;
  /** Whether the network had already delivered it before. */
  readonly isRepeat: boolean;
}

/** A request to the script that was executed. */
export interface Executed extends Passage {
  readonly server: Pick<SimulatedServer, "rate">;
  /** The number of the server, from 0. */
  readonly number: number;
  /** Whether the process never had contact with the other machine, and so cannot know what it granted. */
  readonly isUninformed: boolean;
  readonly request: Pick<CallRequest, "keys" | "args">;
  readonly reply: readonly unknown[];
}

/** A Redis server with its own clock, and the faults that can happen to servers. */
export class SimulatedServer {
  readonly redis: SimulatedRedis;
  readonly #number: number;
  readonly #machines: Machines;
  readonly #schedule: Schedule;
  readonly #rate: number;
  readonly #connections = new Set<Subscriber>();
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #onExecuted: (executed: Executed) => void;
  /** How many calls of the script it has executed, and how many of them had more than one request. */
  calls = 0;
  sharedCalls = 0;
  #offset: number;
  #runs = 1;
  #freezes = 0;
  #outages = 0;
  #waiting: (() => void)[] = [];
  #older = emptyMemory;

  constructor(
    number: number,
    schedule: Schedule,
    plan: ServerPlan,
    onExecuted: (executed: Executed) => void,
  ) {
    this.#number = number;
    this.#schedule = schedule;
    this.#rate = plan.rate;
    this.#offset = plan.offset;
    this.#onExecuted = onExecuted;
    this.redis = new SimulatedRedis({ run: this.#run, evicts: plan.evicts });
    this.#machines = new Machines(this.redis, number);
    if (plan.isKnown) this.#makeKnown();
    this.redis.onPublish = (channel, message) => {
      for (const subscriber of this.#channels.get(channel) ?? []) subscriber.hear(channel, message);
    };
  }

  /** Its run_id, which is unique among all servers. */
  get #run(): string {
    return `${this.#number.toString(16)}a${this.#runs}`;
  }

  /** The rate of its clock. */
  get rate(): number {
    return this.#rate;
  }

  /** Its clock, in µs since 1970. */
  get micros(): number {
    return Math.floor((EPOCH + this.#offset + this.#schedule.now * this.#rate) * 1000);
  }

  accepts(): boolean {
    return this.#outages === 0;
  }

  attach(connection: Subscriber): void {
    this.#connections.add(connection);
  }

  detach(connection: Subscriber): void {
    this.#connections.delete(connection);
    for (const subscribers of this.#channels.values()) subscribers.delete(connection);
  }

  /** A command arrives. It is executed at once, after a freeze, or never. */
  receive(args: readonly string[], answer: Answer, passage: Passage): void {
    this.#whenAwake(() => {
      const { micros } = this;
      try {
        const reply = this.redis.execute(args, micros);
        const { from } = passage;
        const hear = this.#machines.hearing(from, reply);
        const isUninformed = this.#machines.isUninformed(from);
        const executed = { ...passage, server: this, number: this.#number, isUninformed };
        const requests = executedIn(args, reply);
        if (requests.length > 0) this.calls += 1;
        if (requests.length > 1) this.sharedCalls += 1;
        for (const each of requests) this.#onExecuted({ ...executed, ...each });
        answer((resolve) => {
          hear();
          resolve(reply);
        });
      } catch (error) {
        answer((_, reject) => reject(error instanceof Error ? error : new Error(String(error))));
      }
    });
  }

  subscribe(connection: Subscriber, channels: readonly string[], answer: Answer): void {
    this.#whenAwake(() => {
      if (!this.#connections.has(connection)) return;
      for (const channel of channels) {
        const subscribers = this.#channels.get(channel) ?? new Set();
        this.#channels.set(channel, subscribers.add(connection));
      }
      answer((resolve) => resolve(channels.length));
    });
  }

  unsubscribe(connection: Subscriber, channels: readonly string[], answer: Answer): void {
    this.#whenAwake(() => {
      for (const channel of channels) this.#channels.get(channel)?.delete(connection);
      answer((resolve) => resolve(channels.length));
    });
  }

  /** Whether any connection has a subscription. */
  get isListenedTo(): boolean {
    return [...this.#channels.values()].some(({ size }) => size > 0);
  }

  /** Whether any connection of the process has subscribed to the election with this key. */
  isHeardBy(process: number, key: string): boolean {
    const subscribers = this.#channels.get(`incumbent:{${key}}`) ?? [];
    return [...subscribers].some(({ processNumber }) => processNumber === process);
  }

  /** Closes the connections of a process that is dead. */
  forget(process: number): void {
    this.#machines.forget(process);
    for (const connection of this.#connections) {
      if (connection.processNumber === process) this.detach(connection);
    }
  }

  /** Closes the connections of one process. */
  cutAll(process: number): void {
    for (const connection of this.#connections) {
      if (connection.processNumber !== process) continue;
      this.#schedule.add(this.#schedule.now, () => connection.cut());
    }
  }

  freeze(): void {
    this.#freezes += 1;
  }

  thaw(): void {
    this.#freezes -= 1;
    if (this.#freezes > 0) return;
    for (const run of this.#waiting.splice(0)) run();
  }

  keepSnapshot(): void {
    this.#older = this.redis.snapshot();
  }

  /** Kills the server, which closes every connection. */
  goDown(): void {
    this.#outages += 1;
    this.#cutOff();
  }

  /** Starts another server in its place, with another run_id and a clock that is off by `skew` ms. */
  comeUp(memory: "kept" | "lost" | "older", skew: number): void {
    this.#outages -= 1;
    this.#runs += 1;
    this.#offset += skew;
    const memories = { kept: this.redis.snapshot(), lost: emptyMemory, older: this.#older };
    this.redis.restart(this.#run, memories[memory]);
  }

  /** Gives the address to the other machine, which closes every connection. */
  takeOver(how: TakenOver): void {
    this.#cutOff();
    this.#machines.takeOver(how, this.#older);
  }

  setBack(by: number): void {
    this.#offset -= by;
  }

  /** Executes a command of an operator. */
  command(...args: string[]): void {
    this.redis.execute(args, this.micros);
  }

  #makeKnown(): void {
    const since = String(this.micros - 3_600_000_000);
    this.command("HSET", STAMP, "run", serverOf(this.redis.identity), "since", since);
    this.#machines.prepare((run) =>
      withValue(emptyMemory, STAMP, { type: "hash", fields: { run, since } }),
    );
    for (const text of [script, officeScript]) this.command("EVAL", text, "0", "0");
  }

  /** Closes every connection. Commands that arrived and were not executed are lost. */
  #cutOff(): void {
    this.#waiting = [];
    const connections = [...this.#connections];
    for (const connection of connections) this.detach(connection);
    for (const connection of connections) {
      this.#schedule.add(this.#schedule.now, () => connection.cut());
    }
  }

  #whenAwake(run: () => void): void {
    if (this.#outages > 0) return;
    if (this.#freezes > 0) this.#waiting.push(run);
    else run();
  }
}

/** The requests that a command has carried to the script, with their replies. */
function executedIn(
  [command = "", , count = "0", ...rest]: readonly string[],
  reply: unknown,
): Pick<Executed, "request" | "reply">[] {
  if (!command.startsWith("EVAL") || !Array.isArray(reply)) return [];
  const [keys, args] = [rest.slice(0, Number(count)), rest.slice(Number(count))];
  return requestsOf({ keys, args }).map((request, at) => ({
    request,
    reply: [reply[at + 1]].flat(),
  }));
}
