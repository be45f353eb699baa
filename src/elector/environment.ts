import { type Clock, systemClock } from "./clock.ts";

/** What an elector takes from outside, so that a simulation can give it by seed. */
export interface Environment {
  readonly clock: Clock;
  /** 128 random bits as hex: the identity of one attempt. */
  readonly nonce: () => string;
  /** A random number from 0 to 1, to spread retries. */
  readonly jitter: () => number;
}

export function systemEnvironment(): Environment {
  return { clock: systemClock(), nonce: randomId, jitter: Math.random };
}

/** 128 random bits as hex. */
export function randomId(): string {
  // Not from node:crypto: importing that would cost every process 5 ms.
  return Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("hex");
}
