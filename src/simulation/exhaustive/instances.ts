import type { Timing } from "../../election/timing.ts";
import { rules } from "../redis/script-catalogue.ts";
import { type Budget, type Instance, nothingHappens } from "./instance.ts";

/** In ticks: a lease lasts three, and is trusted for two. */
const timing: Timing = {
  ttl: 3,
  renewalInterval: 1,
  margin: 1,
  pollInterval: 3,
  drainTimeout: 3,
};

/** An instance of one server with the rules as they are. */
export function oneServer(
  name: string,
  attempts: readonly number[],
  budget: Partial<Budget>,
  changes: Partial<Instance> = {},
): Instance {
  return {
    ...{ name, timing, quarantine: timing.ttl, rules, identity: "attempt", attempts },
    ...{ budget: { ...nothingHappens, ...budget }, ticks: 7 },
    ...changes,
  };
}

/** Explored with every change to the code. */
export const smallInstances: readonly Instance[] = [
  oneServer("one wipe, one renewal, one resignation", [1, 1], {
    wipes: 1,
    renewals: 1,
    resignations: 1,
  }),
];
