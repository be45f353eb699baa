import { MAX_CONCURRENT_ACQUIRES } from "./requests/admissions.ts";
import { type Clock, systemClock } from "./time/clock.ts";

/** What an elector takes from outside, so that a simulation can give it by seed. */
export interface Environment {
  readonly clock: Clock;
  /** 128 random bits as hex: the identity of one attempt. */
  readonly nonce: () => string;
  /** A random number from 0 to 1, to spread retries. */
  readonly jitter: () => number;
  /** How many candidates of a process ask one store at the same time. */
  readonly maxConcurrentAcquires: number;
}

/** One for all electors of the process, and one for those whose timers do not keep it alive. */
const system = new Map<boolean, Environment>();

/** `unref`: its timers do not keep the process alive. */
export function systemEnvironment(unref = false): Environment {
  const known = system.get(unref);
  if (known !== undefined) return known;
  const clock = systemClock();
  const environment: Environment = {
    ...{ clock: unref ? clock.unref : clock, nonce: randomId, jitter: Math.random },
    maxConcurrentAcquires: MAX_CONCURRENT_ACQUIRES,
  };
  system.set(unref, environment);
  return environment;
}

const ID_BYTES = 16;

/** Random bytes for the next ids. Each call of the generator costs a thousand bytes' worth of time (measured). */
const pool = Buffer.alloc(256 * ID_BYTES);
let used = pool.length;

/** 128 random bits as hex. */
export function randomId(): string {
  if (used === pool.length) {
    // Not from node:crypto: importing that would cost every process 5 ms.
    crypto.getRandomValues(pool);
    used = 0;
  }
  used += ID_BYTES;
  return pool.toString("hex", used - ID_BYTES, used);
}
