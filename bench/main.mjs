// Speed as ratios against a minimum written by hand, measured in the same run. `npm run bench`.
// docs/guide/tuning.md says what the figures mean.

import { readArgs, runScript } from "../scripts/command-line.mjs";
import { measureIdle } from "./idle.mjs";
import { measureImport } from "./import-time.mjs";
import { measureIsLeader } from "./is-leader.mjs";
import { measureManyElectors } from "./many-electors.mjs";
import { measureQuorum } from "./quorum.mjs";
import { measureSuccession } from "./succession.mjs";

const usage = `npm run bench -- [--json]

  --json  one JSON object a line

Exits with 1 when a budget is exceeded. Wants a quiet machine.`;

const measures = [
  measureIsLeader,
  measureManyElectors,
  measureImport,
  measureIdle,
  measureSuccession,
  measureQuorum,
];

await runScript(usage, async (args) => {
  const { json } = readArgs(args, { json: { type: "boolean", default: false } }).values;
  let failed = 0;
  for (const measure of measures) {
    for (const { what, ours, minimum, unit, budget, beside } of await measure()) {
      const holds = ours <= budget;
      if (!holds) failed += 1;
      const ratio = minimum === undefined ? undefined : ours / minimum;
      const result = { what, ours, minimum, ratio, unit, budget, holds, beside };
      console.log(json ? JSON.stringify(result) : textOf(result));
    }
  }
  return failed === 0 ? 0 : 1;
});

function textOf({ what, ours, minimum, ratio, unit, budget, holds, beside }) {
  const against =
    ratio === undefined ? "" : `, ${ratio.toFixed(2)} x the minimum of ${figure(minimum)} ${unit}`;
  const others = Object.entries(beside ?? {})
    .map(([name, value]) => `; ${name} ${figure(value)} ${unit}`)
    .join("");
  const verdict = holds ? "ok  " : "OVER";
  return `${verdict} ${what}: ${figure(ours)} ${unit}${against} (budget ${budget} ${unit})${others}`;
}

function figure(value) {
  return value.toFixed(value < 10 ? 2 : 1);
}
