// Elections by seed, under faults, on the built package:
//
//   npm run sim -- --seeds 200000 --workers 2     seeds 0 to 199999
//   npm run sim -- --from 4711 --seeds 1          one of them
//   npm run sim -- --trace FILE                   a scenario as JSON, with its transcript
//   npm run sim -- --seeds 1000 --json            the summary as JSON on stdout
//
// Exit code 1 when a promise was not kept, 64 for a wrong option.

import { shrink, simulate } from "../../dist/simulation.js";
import { parseOptions, readTrace, UsageError } from "./options.mjs";
import { simulateSeeds } from "./pool.mjs";
import { showOutcome, summaryOf, textOf } from "./report.mjs";

try {
  const options = parseOptions(process.argv.slice(2));
  process.exitCode = options.trace === undefined ? await runSeeds(options) : await replay(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 64;
}

async function runSeeds(options) {
  const result = await simulateSeeds(options);
  const summary = summaryOf(options, result);
  const [first] = result.violations;
  // One seed is somebody looking for its story.
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
