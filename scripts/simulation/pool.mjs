import { Worker } from "node:worker_threads";
import { scenarioOf } from "../../build/simulation/index.js";
import { showProgress } from "./report.mjs";

/** How many seeds a worker takes at a time. */
const PORTION = 100;

/** Simulates all seeds on several workers. Ends early when ten promises were not kept. */
export async function simulateSeeds({ seeds, from, servers, store, workers }) {
  const begun = performance.now();
  const violations = [];
  const counts = {};
  let next = from;
  let done = 0;
  const end = from + seeds;
  const progress = showProgress(() => ({ done, seeds, begun, violations: violations.length }));

  const take = () => {
    if (next >= end || violations.length >= 10) return undefined;
    const portion = { from: next, seeds: Math.min(PORTION, end - next), servers, store };
    next += portion.seeds;
    return portion;
  };
  const account = (portion) => {
    done += portion.seeds;
    for (const [kind, count] of Object.entries(portion.counts)) {
      counts[kind] = (counts[kind] ?? 0) + count;
    }
    for (const { seed, violation } of portion.violations) {
      progress.note(`seed ${seed} breaks ${violation.invariant}: ${violation.text}`);
    }
    violations.push(...portion.violations);
  };
  try {
    const number = Math.min(workers, Math.ceil(seeds / PORTION));
    await Promise.all(Array.from({ length: number }, () => runWorker(take, account)));
  } finally {
    progress.end();
  }
  violations.sort((one, other) => one.seed - other.seed);
  const took = performance.now() - begun;
  return { done, counts, violations, took, only: scenarioOf(from, servers, store) };
}

/** Gives the worker one portion after the other. */
function runWorker(take, account) {
  return new Promise((resolve, reject) => {
    // What a run makes is garbage when it ends: a large nursery is emptied instead of copied.
    const resourceLimits = { maxYoungGenerationSizeMb: 64 };
    const worker = new Worker(new URL("worker.mjs", import.meta.url), { resourceLimits });
    const giveNext = () => {
      const portion = take();
      if (portion !== undefined) worker.postMessage(portion);
      else worker.terminate().then(resolve, reject);
    };
    worker.on("message", (portion) => {
      account(portion);
      giveNext();
    });
    worker.on("error", reject);
    giveNext();
  });
}
