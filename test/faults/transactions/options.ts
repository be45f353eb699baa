import { readArgs, UsageError, wholeNumber } from "../../../scripts/command-line.mjs";
import { type DatabaseName, databases } from "./databases.ts";
import { GUARDS, type Guard } from "./rounds.ts";

/** What was asked for on the command line. */
export interface Options {
  readonly databases: readonly DatabaseName[];
  readonly rounds: number;
  readonly seed: number;
  /** In ms. */
  readonly ttl: number;
  readonly guard: Guard;
}

const names = Object.keys(databases) as DatabaseName[]; // It has no others.

export const usage = `npm run fenced -- [--store STORE]… [--rounds N] [--seed N] [--ttl MS] [--guard GUARD]

  --store STORE  ${names.join(", ")} (default all but mysql, one after another); more than once.
                 mysql needs INCUMBENT_MYSQLD, the path of its program
  --rounds N     how many leaders are disturbed inside a transaction, on each (default 100)
  --seed N       draw the same again (default: another each time, and printed)
  --ttl MS       of their leases (default 600)
  --guard GUARD  a mistake that is made on purpose, to see that it is found
                 none: the leader asks itself alone whether it leads
                 check: the token is compared and nothing is locked`;

/** Throws a `UsageError` that says what is wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values } = readArgs(args, {
    store: { type: "string", multiple: true, default: [] },
    rounds: { type: "string" },
    seed: { type: "string" },
    ttl: { type: "string" },
    guard: { type: "string", default: "fence" },
  });
  const fallback = Math.floor(Math.random() * 2 ** 32);
  const guard = oneOf("--guard", GUARDS, values.guard);
  const wanted = values.store.map((name) => oneOf("--store", names, name));
  const chosen = wanted.length === 0 ? names.filter((name) => name !== "mysql") : wanted;
  if (guard === "check" && chosen.includes("sqlite")) {
    throw new UsageError(
      "--guard check needs --store postgres, mariadb or mysql: SQLite has no such lock",
    );
  }
  return {
    databases: chosen,
    rounds: wholeNumber("--rounds", values.rounds, { min: 1, fallback: 100 }),
    seed: wholeNumber("--seed", values.seed, { min: 0, fallback }),
    ttl: wholeNumber("--ttl", values.ttl, { min: 100, fallback: 600 }),
    guard,
  };
}

function oneOf<Name extends string>(option: string, all: readonly Name[], text: string): Name {
  const found = all.find((name) => name === text);
  if (found !== undefined) return found;
  throw new UsageError(`${option} must be one of ${all.join(", ")}; got ${text}`);
}
