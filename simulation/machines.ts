import { Contacts } from "./contacts.ts";
import { serverOf } from "./redis/execution.ts";
import { emptyMemory, type Memory } from "./redis/memory.ts";
import type { SimulatedRedis } from "./redis/simulated-redis.ts";

/** The origin of the data of the machine that takes over. */
export type TakenOver =
  /** Its own data, as behind a load balancer. */
  | "own"
  /** The data of the other machine, complete or older, since it was its replica and is promoted. */
  | "copied"
  | "older";

interface Machine {
  readonly run: string;
  readonly data: string;
  readonly memory: Memory;
}

/**
 * The two machines that alternately have one address. A machine that returns has its old run_id, and a new
 * replication id if it was promoted.
 */
export class Machines {
  readonly #redis: SimulatedRedis;
  readonly #number: number;
  #promotions = 0;
  #other: Machine;
  readonly #contacts = new Contacts();

  constructor(redis: SimulatedRedis, number: number) {
    this.#redis = redis;
    this.#number = number;
    this.#other = { run: `${number.toString(16)}b`, data: "d0", memory: emptyMemory };
  }

  /** Sets the initial data of the second machine, before the run starts. */
  prepare(memoryOf: (server: string) => Memory): void {
    const { run } = this.#other;
    this.#other = { ...this.#other, memory: memoryOf(serverOf({ ...this.#redis.identity, run })) };
  }

  takeOver(how: TakenOver, older: Memory): void {
    const { run, data } = this.#redis.identity;
    const before: Machine = { run, data, memory: this.#redis.snapshot() };
    const next =
      how === "own" ? this.#other : this.#promoted(how === "older" ? older : before.memory);
    this.#redis.become(next.run, next.data, next.memory);
    this.#other = before;
    this.#contacts.moved(how !== "own");
  }

  /** Called when the present machine answers; the returned function when the process receives that. */
  hearing(process: number, reply: unknown): () => void {
    const heard = this.#contacts.hearing(process);
    const head: unknown = Array.isArray(reply) ? reply[0] : undefined;
    const isIntroduced = Array.isArray(head) && head[0] === serverOf(this.#redis.identity);
    return () => {
      if (isIntroduced) heard();
    };
  }

  /** Whether the process never had contact with the other machine, and so cannot know what it granted. */
  isUninformed(process: number): boolean {
    return this.#contacts.isUninformed(process);
  }

  /** Forgets the process, whose number another process will get. */
  forget(process: number): void {
    this.#contacts.forget(process);
  }

  #promoted(memory: Memory): Machine {
    this.#promotions += 1;
    const data = `${this.#number.toString(16)}d${this.#promotions}`;
    return { run: this.#other.run, data, memory };
  }
}
