import { readArgs, UsageError, wholeNumber } from "../../scripts/command-line.mjs";
import type { Fault } from "./fault.ts";
import { type StoreName, stores } from "./stores/stores.ts";

/** What was asked for on the command line. */
export interface Options {
  readonly store: StoreName;
  /** How many faults, or for how long. */
  readonly faults: number;
  readonly minutes: number;
  readonly seed: number;
  /** How many at a time, each with the next seed. */
  readonly stages: number;
  readonly json: boolean;
  /** What is drawn from. */
  readonly only: readonly Fault[];
  /** A mistake that is made on purpose, to see that it is found. */
  readonly plant: "nothing" | "stored-flag" | "no-guard";
}

const names = Object.keys(stores) as StoreName[]; // It has no others.

export const usage = `npm run chaos -- [--store STORE] [--faults N | --minutes N] [--seed N] [--stages N]
                     [--only FAULT]… [--plant MISTAKE] [--json]

  --store STORE  ${names.join(", ")} (default redis)
  --faults N     how many faults (default 300)
  --minutes N    for how long instead
  --seed N       the same faults again (default: another each time, and printed)
  --stages N     so many elections at a time, each on servers of its own and by the next seed (default 1)
  --only FAULT   draw from these alone, by the beginning of their names; more than once
  --plant MISTAKE
                 stored-flag: candidates answer from a flag that their callbacks set
                 no-guard: the stores have restartGuard: false; SQLite has no guard to leave out
  --json         one line of JSON instead of the table`;

/** Throws a `UsageError` that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = readArgs(args, {
    store: { type: "string", default: "redis" },
    faults: { type: "string" },
    minutes: { type: "string" },
    seed: { type: "string" },
    stages: { type: "string" },
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    plant: { type: "string", default: "nothing" },
  });
  const { plant } = values;
  const store = names.find((name) => name === values.store);
  if (store === undefined) {
    throw new UsageError(
      `--store must be one of ${names.join(", ")}; got ${values.store}. Example: --store postgres`,
    );
  }
  if (plant !== "nothing" && plant !== "stored-flag" && plant !== "no-guard") {
    throw new UsageError(`--plant must be stored-flag or no-guard; got ${plant}`);
  }
  const { faults, hasGuard } = stores[store];
  if (plant === "no-guard" && !hasGuard) {
    throw new UsageError(
      `--plant no-guard needs a store with a guard, such as --store redis; got ${store}`,
    );
  }
  const minutes = numberOf("--minutes", values.minutes, Number.POSITIVE_INFINITY);
  const count = values.minutes === undefined ? 300 : Number.POSITIVE_INFINITY;
  return {
    store,
    faults: numberOf("--faults", values.faults, count),
    minutes,
    seed: numberOf("--seed", values.seed, Math.floor(Math.random() * 2 ** 32)),
    stages: wholeNumber("--stages", values.stages, { min: 1, fallback: 1 }),
    json: values.json,
    only: chosen(faults, values.only),
    plant,
  };
}

function numberOf(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (value >= 0 && text.trim() !== "") return value;
  throw new UsageError(`${name} must be a number; got ${text}`);
}

function chosen(faults: readonly Fault[], beginnings: readonly string[]): readonly Fault[] {
  if (beginnings.length === 0) return faults;
  return beginnings.flatMap((beginning) => {
    const found = faults.filter(({ name }) => name.startsWith(beginning));
    if (found.length > 0) return found;
    const all = faults.map(({ name }) => name).join("; ");
    throw new UsageError(`--only must be the beginning of one of: ${all}; got ${beginning}`);
  });
}
