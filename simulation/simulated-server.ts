import { scripts, scriptsSince7 } from "../src/stores/redis/redis-scripts.ts";
import { EPOCH } from "./machine-clocks.ts";
import { Machines, type TakenOver } from "./machines.ts";
import { serverOf } from "./redis/execution.ts";
import { emptyMemory, withValue } from "./redis/memory.ts";
import { SimulatedRedis } from "./redis/simulated-redis.ts";
import type { ServerPlan } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";

/** Hands the answer to whoever waits for it. */
export type Answer = (
  settle: (resolve: (value: unknown) => void, reject: (error: Error) => void) => void,
) => void;

/** A connection, as the server sees it. */
export interface Subscriber {
  /** Whose it is, by number. */
  readonly processNumber: number;
  hear(channel: string, message: string): void;
  /** The connection ends. */
  cut(): void;
}

/** The key of a server's stamp, as stores have it unless they are told otherwise. */
export const STAMP = "incumbent:server";

/** How a command came to a server. */
export interface Passage {
  /** The process that sent it, by number. */
  readonly from: number;
  /** In the world's time. */
  readonly sentAt: number;
  /** The network had delivered it before. */
  readonly isRepeat: boolean;
}

/** A command that was carried out. */
export interface Executed extends Passage {
  readonly server: SimulatedServer;
  /** Which of the servers, from 0. */
  readonly number: number;
  /** The process was never there while another machine had the address, and cannot know what that granted. */
  readonly isUninformed: boolean;
  readonly args: readonly string[];
  readonly reply: unknown;
}

/** A Redis server with a clock of its own, and with what can happen to servers. */
export class SimulatedServer {
  readonly redis: SimulatedRedis;
  readonly #number: number;
  readonly #machines: Machines;
  readonly #schedule: Schedule;
  readonly #rate: number;
  readonly #connections = new Set<Subscriber>();
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #onExecuted: (executed: Executed) => void;
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

  /** Its run_id: no two servers ever have the same. */
  get #run(): string {
    return `${this.#number.toString(16)}a${this.#runs}`;
  }

  /** How fast its clock runs. */
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

  /** A command arrives: carried out at once, after the freeze, or never. */
  receive(args: readonly string[], answer: Answer, passage: Passage): void {
    this.#whenAwake(() => {
      const { micros } = this;
      try {
        const reply = this.redis.execute(args, micros);
        const { from } = passage;
        const hear = this.#machines.hearing(from, reply);
        const isUninformed = this.#machines.isUninformed(from);
        const number = this.#number;
        this.#onExecuted({ ...passage, server: this, number, isUninformed, args, reply });
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

  /** Whether any connection listens to anything. */
  get isListenedTo(): boolean {
    return [...this.#channels.values()].some(({ size }) => size > 0);
  }

  /** Whether any connection of the process listens to anything. */
  isHeardBy(process: number): boolean {
    return [...this.#channels.values()].some((subscribers) =>
      [...subscribers].some(({ processNumber }) => processNumber === process),
    );
  }

  /** The connections of a process that is no more. */
  forget(process: number): void {
    this.#machines.forget(process);
    for (const connection of this.#connections) {
      if (connection.processNumber === process) this.detach(connection);
    }
  }

  /** Ends the connections of one process. */
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

  /** The process ends, and every connection with it. */
  goDown(): void {
    this.#outages += 1;
    this.#cutOff();
  }

  /** Another process begins in its place: another run_id, and `skew` ms on its clock. */
  comeUp(memory: "kept" | "lost" | "older", skew: number): void {
    this.#outages -= 1;
    this.#runs += 1;
    this.#offset += skew;
    const memories = { kept: this.redis.snapshot(), lost: emptyMemory, older: this.#older };
    this.redis.restart(this.#run, memories[memory]);
  }

  /** The other machine has the address now, and no connection outlasts that. */
  takeOver(how: TakenOver): void {
    this.#cutOff();
    this.#machines.takeOver(how, this.#older);
  }

  setBack(by: number): void {
    this.#offset -= by;
  }

  /** Somebody with a terminal. */
  command(...args: string[]): void {
    this.redis.execute(args, this.micros);
  }

  #makeKnown(): void {
    const since = String(this.micros - 3_600_000_000);
    this.command("HSET", STAMP, "run", serverOf(this.redis.identity), "since", since);
    this.#machines.prepare((run) =>
      withValue(emptyMemory, STAMP, { type: "hash", fields: { run, since } }),
    );
    for (const text of [...Object.values(scripts), ...Object.values(scriptsSince7)]) {
      this.command("EVAL", text, "1", "unused");
    }
  }

  /** Every connection ends; what came and was not carried out is gone. */
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
