import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { readArgs, UsageError, wholeNumber } from "../command-line.mjs";

export const usage = `npm run sim -- [--seeds N] [--from SEED] [--store redis|sentinel|cluster|observed|postgres|mysql] [--servers N] [--workers N] [--json]
npm run sim -- --trace FILE

  --seeds N     how many elections, each drawn from a seed of its own (default 10000)
  --from SEED   the first seed (default 0)
  --store NAME  redis (the default), sentinel: replicas that may take over, cluster, postgres, mysql, or observed: a
                register with compare-and-set and no clock
  --servers N   on how many Redis servers the lease is kept; a majority elects (default 1)
  --workers N   how many threads (default: one for each core)
  --trace FILE  a scenario as JSON, with its transcript
  --json        the summary as JSON on stdout

One seed is shown with its transcript. Exits with 1 when a promise was not kept.`;

const others = ["sentinel", "cluster", "postgres", "mysql"];
const stores = ["redis", "observed", ...others];

/** Throws a `UsageError` that says which option, what is wrong and the default. */
export function parseOptions(args) {
  const { values } = readArgs(args, {
    seeds: { type: "string" },
    from: { type: "string" },
    store: { type: "string", default: "redis" },
    servers: { type: "string" },
    workers: { type: "string" },
    json: { type: "boolean", default: false },
    trace: { type: "string" },
  });
  const { seeds, from, store, servers, workers, json, trace } = values;
  if (!stores.includes(store)) {
    throw new UsageError(
      `--store must be one of ${stores.join(", ")}; got "${store}". Default: redis.`,
    );
  }
  if (store !== "redis" && servers !== undefined) {
    throw new UsageError(`--servers N is for Redis, and --store ${store} has one of its kind.`);
  }
  return {
    seeds: wholeNumber("--seeds", seeds, { min: 1, fallback: 10_000 }),
    from: wholeNumber("--from", from, { min: 0, fallback: 0 }),
    // A register is what there is in place of servers.
    servers: store === "observed" ? 0 : wholeNumber("--servers", servers, { min: 1, fallback: 1 }),
    store: others.includes(store) ? store : undefined,
    workers: wholeNumber("--workers", workers, { min: 1, fallback: availableParallelism() }),
    json,
    trace,
  };
}

/** The scenario in a file. */
export function readTrace(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`--trace must be a file with a scenario as JSON: ${error.message}`);
  }
}
