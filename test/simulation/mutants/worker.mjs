// Runs one mutant until it breaks a promise that it is said to break.

import { parentPort, workerData } from "node:worker_threads";
import { variations } from "./variations.mjs";

// Errors are part of a run, and where they came from is not read.
Error.stackTraceLimit = 0;

const { simulation, breaks, servers, store, scenario, near, from, seeds, shrinks } = workerData;
const { scenarioOf, shrink, simulate } = await import(simulation);
const { Random } = await import(new URL("random.js", simulation).href);
const others = new Set();

parentPort.postMessage(await hunt());

async function hunt() {
  let runs = 0;
  for (const each of scenarios()) {
    runs += 1;
    const { violation } = await simulate(each);
    if (violation === undefined) continue;
    if (breaks.includes(violation.invariant)) {
      const found = shrinks ? (await shrink(each)).scenario : each;
      return { runs, others: [...others], violation, seed: each.seed, scenario: found };
    }
    others.add(violation.invariant);
  }
  return { runs, others: [...others] };
}

function* scenarios() {
  if (scenario !== undefined) return yield scenario;
  if (near !== undefined) return yield* variations(near, { from, seeds, Random });
  for (let seed = from; seed < from + seeds; seed += 1) yield scenarioOf(seed, servers, store);
}
