// Speed as ratios against a minimum written by hand, measured in the same run. `npm run bench`.
// Exits 1 when a budget is exceeded. docs/tuning.md says what the figures mean.

import { measureIdle } from "./idle.mjs";
import { measureImport } from "./import-time.mjs";
import { measureIsLeader } from "./is-leader.mjs";
import { measureQuorum } from "./quorum.mjs";
import { measureSuccession } from "./succession.mjs";

const json = process.argv.includes("--json");
const measures = [measureIsLeader, measureImport, measureIdle, measureSuccession, measureQuorum];

let failed = 0;
for (const measure of measures) {
  for (const { what, ours, minimum, unit, budget, beside } of await measure()) {
    const holds = ours <= budget;
    if (!holds) failed += 1;
    const ratio = minimum === undefined ? undefined : ours / minimum;
    if (json) {
      console.log(JSON.stringify({ what, ours, minimum, ratio, unit, budget, holds, beside }));
      continue;
    }
    const against =
      ratio === undefined
        ? ""
        : `, ${ratio.toFixed(2)} x the minimum of ${figure(minimum)} ${unit}`;
    const others = Object.entries(beside ?? {}).map(
      ([name, value]) => `; ${name} ${figure(value)} ${unit}`,
    );
    console.log(
      `${holds ? "ok  " : "OVER"} ${what}: ${figure(ours)} ${unit}${against} (budget ${budget} ${unit})${others.join("")}`,
    );
  }
}
process.exitCode = failed === 0 ? 0 : 1;

function figure(value) {
  return value.toFixed(value < 10 ? 2 : 1);
}
