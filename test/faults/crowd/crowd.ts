import { Random } from "../../../simulation/random.ts";
import { isIncumbentError } from "../../../src/errors.ts";
import type { AcquireReply, AcquireRequest, LeaseStore } from "../../../src/stores/lease-store.ts";
import { acquireRequest, request } from "../../support/requests.ts";

/** A real server that candidates reach, and what can happen to it. */
export interface CrowdedServer {
  open(): LeaseStore;
  /** Ends all connections to it. */
  cut(): Promise<void>;
  /** Ends it as a crash does, and starts it again. */
  restart(): Promise<void>;
  /** Keeps the row of the election locked until the returned function is called. */
  lock(key: string): Promise<() => Promise<void>>;
  stop(): Promise<void>;
}

/** How much is done. */
export interface Volume {
  readonly candidates: number;
  readonly rounds: number;
  readonly seed: number;
  onRound?(round: number): void;
}

/** What came of it. */
export interface Crowded {
  readonly faults: Readonly<Record<Fault, number>>;
  /** Rounds in which the machine was so slow that a lease may have ended within them. */
  readonly slow: number;
  /** Rounds that were asked again, since all requests had failed or a quarantine went on. */
  readonly repeated: number;
  /** Rounds with two winners, or with a token that did not grow. */
  readonly violations: readonly string[];
}

type Fault = "cut" | "restart" | "lock";

/** How long a lease is, in ms: longer than a round. */
const TTL = 5000;
const KEY = "crowd";

/** In each round all candidates ask at once, while things happen to the server: one of them has to win. */
export async function crowd(server: CrowdedServer, volume: Volume): Promise<Crowded> {
  const { candidates, rounds, seed, onRound } = volume;
  const random = new Random(seed);
  const stores = Array.from({ length: candidates }, () => server.open());
  const faults = { cut: 0, restart: 0, lock: 0 };
  const violations: string[] = [];
  let [largest, slow, repeated] = [0, 0, 0];
  try {
    for (let round = 0; round < rounds; ) {
      const began = performance.now();
      const fault = faultOf(random);
      if (fault !== undefined) faults[fault] += 1;
      const attempts = stores.map(() => acquireRequest(KEY, { ttl: TTL }));
      const disturbed = disturb(server, fault, random.between(0, 20));
      const replies = await Promise.all(
        stores.map((store, at) => ask(store, attempts[at] ?? acquireRequest(KEY))),
      );
      await disturbed;
      const tokens = replies.flatMap((reply) => (reply?.granted === true ? [reply.token] : []));
      const isSlow = performance.now() - began > TTL - 500;
      if (isSlow) slow += 1;
      else if (tokens.length > 1) violations.push(`round ${round}: ${tokens.length} winners`);
      if (tokens.some((token) => token <= largest)) violations.push(`round ${round}: ${tokens}`);
      largest = Math.max(largest, ...tokens);
      // Also those that may have been granted unheard.
      await Promise.all(stores.map((store, at) => giveBack(store, attempts[at]?.nonce ?? "")));
      if (tokens.length === 0) {
        repeated += 1;
        await new Promise((resolve) => setTimeout(resolve, 250));
        continue;
      }
      round += 1;
      onRound?.(round);
    }
  } finally {
    await Promise.all(stores.map((store) => store.close?.()));
  }
  return { faults, slow, repeated, violations };
}

function faultOf(random: Random): Fault | undefined {
  if (random.chance(0.01)) return "restart";
  if (random.chance(0.05)) return "cut";
  return random.chance(0.05) ? "lock" : undefined;
}

async function disturb(server: CrowdedServer, fault: Fault | undefined, after: number) {
  if (fault === undefined) return;
  const unlock = fault === "lock" ? await server.lock(KEY) : undefined;
  await new Promise((resolve) => setTimeout(resolve, after));
  await unlock?.();
  if (fault === "cut" || fault === "restart") await server[fault]();
}

async function ask(store: LeaseStore, asked: AcquireRequest): Promise<AcquireReply | undefined> {
  try {
    return await store.acquire({ ...asked, notAfter: performance.now() + 3000 });
  } catch (error) {
    if (isIncumbentError(error)) return undefined;
    throw error;
  }
}

async function giveBack(store: LeaseStore, nonce: string): Promise<void> {
  await store.release({ ...request(KEY), nonce }).catch(() => {});
}
