import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { Worker } from "node:worker_threads";
import type { Scenario, Violation } from "../../../simulation/index.ts";
import { build } from "./build.ts";
import type { Mutant } from "./mutant.ts";

export const traces = fileURLToPath(new URL("../traces/", import.meta.url));

/** Which seeds to try, and for how long. */
export interface Budget {
  readonly from: number;
  readonly seeds: number;
  /** In ms. A mutant may hang. */
  readonly longest: number;
  /** Shorten what was found. */
  readonly shrinks?: boolean;
  /** Try scenarios that resemble this trace, and not those of the seeds. */
  readonly near?: string;
}

/** What came of a mutant. */
export interface Find {
  readonly mutant: Mutant;
  /** How many scenarios were run. */
  readonly runs: number;
  /** In ms. */
  readonly took: number;
  /** The promise that was seen to be broken; nothing when the mutant has survived. */
  readonly violation?: Violation;
  readonly seed?: number;
  readonly scenario?: Scenario;
  /** Promises that it broke as well, but is not said to break. */
  readonly others: readonly string[];
  /** Why it could not be run to the end. */
  readonly failure?: string;
}

/** Runs a mutant, in a thread of its own, on its trace or on seed after seed, until it is caught. */
export async function hunt(mutant: Mutant, budget: Budget): Promise<Find> {
  const begun = performance.now();
  const { folder, remove } = build(mutant);
  try {
    const found = await run({
      ...budget,
      simulation: pathToFileURL(join(folder, "simulation/index.js")).href,
      breaks: mutant.breaks,
      servers: mutant.servers,
      store: mutant.store,
      scenario: mutant.trace === undefined ? undefined : traceOf(mutant.trace),
      near: budget.near === undefined ? undefined : traceOf(budget.near),
    });
    return { mutant, runs: 0, others: [], ...found, took: performance.now() - begun };
  } finally {
    remove();
  }
}

function traceOf(name: string): Scenario {
  return JSON.parse(readFileSync(join(traces, name), "utf8"));
}

type Result = Partial<Omit<Find, "mutant" | "took">>;

function run(
  workerData: Omit<Budget, "near"> & Readonly<Record<string, unknown>>,
): Promise<Result> {
  const worker = new Worker(new URL("worker.mjs", import.meta.url), { workerData });
  return new Promise<Result>((resolve) => {
    const timer = setTimeout(() => resolve({ failure: "took too long" }), workerData.longest);
    worker.on("message", (found: Result) => {
      clearTimeout(timer);
      resolve(found);
    });
    worker.on("error", (error) => {
      clearTimeout(timer);
      resolve({ failure: String(error) });
    });
  }).finally(() => worker.terminate());
}
