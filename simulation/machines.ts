import { serverOf } from "./redis/execution.ts";
import { emptyMemory, type Memory } from "./redis/memory.ts";
import type { SimulatedRedis } from "./redis/simulated-redis.ts";

/** Where the memory of the machine that takes over comes from. */
export type TakenOver =
  /** It is its own, as behind a load balancer. */
  | "own"
  /** It was a replica of the other one, and is promoted: with all that the other knew, or behind it. */
  | "copied"
  | "older";

interface Machine {
  readonly run: string;
  readonly data: string;
  readonly memory: Memory;
}

/**
 * The two machines that have one address by turns. One that comes back has the run_id that it had, and
 * another replication id if it was promoted.
 */
export class Machines {
  readonly #redis: SimulatedRedis;
  readonly #number: number;
  #promotions = 0;
  #other: Machine;
  /** The processes that have heard from the machine that has the address now. */
  #hearers = new Set<number>();
  /** Those that heard from the one before, of which the present one knows nothing. */
  #informed: ReadonlySet<number> | undefined;

  constructor(redis: SimulatedRedis, number: number) {
    this.#redis = redis;
    this.#number = number;
    this.#other = { run: `${number.toString(16)}b`, data: "d0", memory: emptyMemory };
  }

  /** Takes over with what it is given: for the machine that waits, before anything happens. */
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
    this.#informed = how === "own" ? this.#hearers : undefined;
    this.#hearers = new Set();
  }

  /** To be called when a process hears an answer that was given now. */
  hearing(process: number, reply: unknown): () => void {
    const hearers = this.#hearers;
    const isIntroduced = Array.isArray(reply) && reply[1] === serverOf(this.#redis.identity);
    return () => void (isIntroduced && hearers.add(process));
  }

  /** Whether it was never there while the other machine had the address, and can know nothing of it. */
  isUninformed(process: number): boolean {
    return this.#informed !== undefined && !this.#informed.has(process);
  }

  /** Another process is to have its number. */
  forget(process: number): void {
    this.#hearers.delete(process);
    if (this.#informed === undefined) return;
    this.#informed = new Set([...this.#informed].filter((other) => other !== process));
  }

  #promoted(memory: Memory): Machine {
    this.#promotions += 1;
    const data = `${this.#number.toString(16)}d${this.#promotions}`;
    return { run: this.#other.run, data, memory };
  }
}
