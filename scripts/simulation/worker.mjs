// Simulates the seeds that it is given, one after the other.

import { parentPort } from "node:worker_threads";
import { runSeed } from "../../build/simulation/index.js";

// Errors are part of a run, and where they came from is not read.
Error.stackTraceLimit = 0;

parentPort.on("message", async ({ from, seeds, servers, store }) => {
  const counts = {};
  const violations = [];
  for (let seed = from; seed < from + seeds; seed += 1) {
    const outcome = await runSeed(seed, { servers, store });
    for (const [kind, count] of Object.entries(outcome.counts)) {
      counts[kind] = (counts[kind] ?? 0) + count;
    }
    const { scenario, violation } = outcome;
    if (violation !== undefined) violations.push({ seed, scenario, violation });
  }
  parentPort.postMessage({ seeds, counts, violations });
});
