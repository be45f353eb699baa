// Elections by seed, under faults, on the built package. `npm run sim -- --help`.

import { shrink, simulate } from "../../build/simulation/index.js";
import { runScript } from "../command-line.mjs";
import { parseOptions, readTrace, usage } from "./options.mjs";
import { simulateSeeds } from "./pool.mjs";
import { showOutcome, summaryOf, textOf } from "./report.mjs";

await runScript(usage, (args) => {
  const options = parseOptions(args);
  return options.trace === undefined ? runSeeds(options) : replay(options);
});

async function runSeeds(options) {
  const result = await simulateSeeds(options);
  const summary = summaryOf(options, result);
  const [first] = result.violations;
  // A single seed is run to read its story.
  if (first !== undefined) showOutcome(await shrink(first.scenario), options);
  else if (options.seeds === 1) {
    showOutcome(await simulate(result.only, { transcript: true }), options);
  }
  console.log(options.json ? JSON.stringify(summary) : textOf(summary));
  return result.violations.length === 0 ? 0 : 1;
}

async function replay({ trace, json }) {
  const outcome = await simulate(readTrace(trace), { transcript: true });
  const violations = outcome.violation === undefined ? 0 : 1;
  showOutcome(outcome, { json });
  console.log(json ? JSON.stringify({ trace, violations }) : `violations: ${violations}`);
  return violations;
}
