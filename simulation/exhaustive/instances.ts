import type { Timing } from "../../src/election/timing.ts";
import * as tally from "../../src/stores/redis-quorum/quorum-count.ts";
import { rules } from "../redis/script-catalogue.ts";
import { type Budget, type Instance, nothingHappens } from "./instance.ts";

/** In ticks. A lease lasts three, and is trusted for two. */
const timing: Timing = {
  ttl: 3,
  renewalInterval: 1,
  margin: 1,
  pollInterval: 3,
  drainTimeout: 3,
};

/** A renewal is sent after half of the ttl, so that a lease which it does not reach ends while trusted. */
const longer: Timing = {
  ttl: 4,
  renewalInterval: 2,
  margin: 1,
  pollInterval: 4,
  drainTimeout: 4,
};

/** An instance of one server with the real rules. */
export function oneServer(
  name: string,
  attempts: readonly number[],
  budget: Partial<Budget>,
  changes: Partial<Instance> = {},
): Instance {
  return {
    ...{ name, timing, quarantine: timing.ttl, rules, tally, identity: "attempt", attempts },
    ...{ servers: 1, latecomers: false, lateAnswers: true, ticks: 7, prunes: true },
    budget: { ...nothingHappens, ...budget },
    ...changes,
  };
}

/** An instance of three servers, with a majority of two, and two candidates with one attempt each. */
export function threeServers(
  name: string,
  budget: Partial<Budget>,
  changes: Partial<Instance> = {},
): Instance {
  return oneServer(name, [1, 1], budget, {
    ...{ servers: 3, latecomers: true, lateAnswers: false },
    ...changes,
  });
}

export interface Instances {
  /** Explored by the tests of every change. */
  readonly small: readonly Instance[];
  /** Explored by `npm run exhaustive`. */
  readonly large: readonly Instance[];
}

export const instances: Instances = {
  small: [
    oneServer("a restart without memory, a renewal each", [1, 1], { wipes: 1, renewals: 2 }),
    oneServer("a restart without memory, a renewal, a resignation", [1, 1], {
      wipes: 1,
      renewals: 1,
      resignations: 1,
    }),
    oneServer("a restart with an older memory, a renewal", [1, 1], { rollbacks: 1, renewals: 1 }),
    oneServer("FLUSHALL, a renewal, a command that arrives twice", [1, 1], {
      flushes: 1,
      renewals: 1,
      repetitions: 1,
    }),
    oneServer("two attempts and one, a restart without memory, a renewal", [2, 1], {
      wipes: 1,
      renewals: 1,
    }),
    threeServers("three servers, two restarts without memory", { wipes: 2 }),
    threeServers("three servers, a renewal", { renewals: 1 }),
    threeServers(
      "three servers, a restart without memory, answers at any time",
      { wipes: 1 },
      { lateAnswers: true },
    ),
  ],
  large: [
    oneServer("two attempts and one, a restart without memory", [2, 1], { wipes: 1 }),
    oneServer("two attempts and one, a restart without memory, a renewal, a resignation", [2, 1], {
      wipes: 1,
      renewals: 1,
      resignations: 1,
    }),
    oneServer("two attempts and one, a restart with an older memory, a renewal", [2, 1], {
      rollbacks: 1,
      renewals: 1,
    }),
    oneServer("two attempts and one, FLUSHALL, a renewal, a command that arrives twice", [2, 1], {
      flushes: 1,
      renewals: 1,
      repetitions: 1,
    }),
    threeServers("three servers, a restart without memory, a renewal", { wipes: 1, renewals: 1 }),
    threeServers(
      "three servers, a restart without memory, a renewal after half a ttl",
      { wipes: 1, renewals: 1 },
      { timing: longer, quarantine: longer.ttl },
    ),
    threeServers("three servers, two restarts without memory, a renewal", {
      wipes: 2,
      renewals: 1,
    }),
  ],
};
