import { leaderScript, script } from "../src/stores/redis/script/redis-scripts.ts";
import { Machines, type TakenOver } from "./machines.ts";
import { requestsOf } from "./redis/call.ts";
import { serverOf } from "./redis/execution.ts";
import { emptyMemory, withValue } from "./redis/memory.ts";
import { SimulatedRedis } from "./redis/simulated-redis.ts";
import type { ServerPlan } from "./scenario.ts";
import type { Schedule } from "./schedule.ts";
import {
  type Answer,
  type Connected,
  type Executed,
  type Kept,
  type Passage,
  SimulatedHost,
} from "./simulated-host.ts";

/** A connection that can subscribe. */
export interface Subscriber extends Connected {
  hear(channel: string, message: string): void;
}

/** The key of a server's stamp: the default of the stores. */
const STAMP = "incumbent:server";

/** A Redis server with its own clock, and the faults that can happen to servers. */
export class SimulatedServer extends SimulatedHost {
  readonly redis: SimulatedRedis;
  readonly #number: number;
  readonly #machines: Machines;
  readonly #channels = new Map<string, Set<Subscriber>>();
  readonly #onExecuted: (executed: Executed) => void;
  #runs = 1;
  #older = emptyMemory;

  constructor(
    number: number,
    schedule: Schedule,
    plan: ServerPlan,
    onExecuted: (executed: Executed) => void,
  ) {
    super(schedule, plan);
    this.#number = number;
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

  override detach(connection: Subscriber): void {
    super.detach(connection);
    for (const subscribers of this.#channels.values()) subscribers.delete(connection);
  }

  /** A command arrives. It is executed at once, after a freeze, or never. */
  receive(args: readonly string[], answer: Answer, passage: Passage): void {
    this.whenAwake(() => {
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
    this.whenAwake(() => {
      if (!this.isAttached(connection)) return;
      for (const channel of channels) {
        const subscribers = this.#channels.get(channel) ?? new Set();
        this.#channels.set(channel, subscribers.add(connection));
      }
      answer((resolve) => resolve(channels.length));
    });
  }

  unsubscribe(connection: Subscriber, channels: readonly string[], answer: Answer): void {
    this.whenAwake(() => {
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

  override forget(process: number): void {
    this.#machines.forget(process);
    super.forget(process);
  }

  keepSnapshot(): void {
    this.#older = this.redis.snapshot();
  }

  /** Another server starts in its place, with another run_id. */
  protected restart(memory: Kept): void {
    this.#runs += 1;
    const memories = { kept: this.redis.snapshot(), lost: emptyMemory, older: this.#older };
    this.redis.restart(this.#run, memories[memory]);
  }

  /** Gives the address to the other machine, which closes every connection. */
  takeOver(how: TakenOver): void {
    this.cutOff();
    this.#machines.takeOver(how, this.#older);
  }

  evict(what: "lease" | "stamp", key: string): void {
    this.#command("DEL", what === "lease" ? key : STAMP);
  }

  flush(): void {
    this.#command("FLUSHALL");
  }

  delete(key: string, onDeleted: () => void): void {
    this.#command("DEL", key);
    onDeleted();
  }

  #command(...args: string[]): void {
    this.redis.execute(args, this.micros);
  }

  #makeKnown(): void {
    const since = String(this.micros - 3_600_000_000);
    this.#command("HSET", STAMP, "run", serverOf(this.redis.identity), "since", since);
    this.#machines.prepare((run) =>
      withValue(emptyMemory, STAMP, { type: "hash", fields: { run, since } }),
    );
    for (const text of [script, leaderScript]) this.#command("EVAL", text, "0", "0");
  }
}

/** The requests that a command has carried to the script, with their replies. */
function executedIn(
  [command = "", , count = "0", ...rest]: readonly string[],
  reply: unknown,
): Pick<Executed, "request" | "reply">[] {
  if (!command.startsWith("EVAL") || !Array.isArray(reply)) return [];
  const [keys, args] = [rest.slice(0, Number(count)), rest.slice(Number(count))];
  const requests = requestsOf({ keys, args });
  const [, ...replies] = reply;
  // One that stands alone is that to all.
  const replyAt = (at: number) => (replies.length < requests.length ? replies[0] : replies[at]);
  return requests.map((request, at) => ({ request, reply: [replyAt(at)].flat() }));
}
