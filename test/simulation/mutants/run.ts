// Has every mutant been caught? `npm run mutants -- --help`.

import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readArgs, runScript, UsageError, wholeNumber } from "../../../scripts/command-line.mjs";
import { type Budget, type Find, hunt, traces } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { summaryOf, tableOf } from "./table.ts";

const usage = `npm run mutants -- [--only NAME] [--json]
npm run mutants -- --only NAME --hunt FILE [--near FILE] [--from SEED] [--seeds N] [--seconds N]

  --only NAME  those with this in their name (default: all of them)
  --json       the table as JSON
  --hunt FILE  look for a seed that catches it, and keep that as a short trace
  --near FILE  try scenarios that resemble this trace, and not those of the seeds
  --from SEED  the first seed (default 0)
  --seeds N    how many seeds are tried (default 3000)
  --seconds N  for how long at most (default 60)

Exits with 1 if one survives.`;

await runScript(usage, async (args) => {
  const { values } = readArgs(args, {
    only: { type: "string", default: "" },
    hunt: { type: "string" },
    near: { type: "string" },
    from: { type: "string" },
    seeds: { type: "string" },
    seconds: { type: "string" },
    json: { type: "boolean", default: false },
  });
  const budget: Budget = {
    from: wholeNumber("--from", values.from, { min: 0, fallback: 0 }),
    seeds: wholeNumber("--seeds", values.seeds, { min: 1, fallback: 3000 }),
    longest: wholeNumber("--seconds", values.seconds, { min: 1, fallback: 60 }) * 1000,
    shrinks: values.hunt !== undefined,
    ...(values.near !== undefined && { near: values.near }),
  };
  if (values.near !== undefined && values.hunt === undefined) {
    throw new UsageError("--near FILE goes with --hunt FILE.");
  }
  if (values.near !== undefined && !existsSync(join(traces, values.near))) {
    throw new UsageError(`There is no trace "${values.near}" in test/simulation/traces.`);
  }
  const chosen = mutants.filter(({ name }) => name.includes(values.only));
  if (chosen.length === 0) throw new UsageError(`No mutant is called "${values.only}".`);
  const file = values.hunt;
  const finds = await (file === undefined
    ? huntAll(chosen, budget)
    : huntOne(chosen, budget, file));
  const summary = summaryOf(finds);
  console.log(values.json ? JSON.stringify(summary) : tableOf(summary));
  return summary.caught === summary.of ? 0 : 1;
});

async function huntAll(all: readonly Mutant[], budget: Budget): Promise<Find[]> {
  const left = [...all];
  const found = new Map<Mutant, Find>();
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      found.set(next, await hunt(next, budget));
      process.stderr.write(`${found.size} of ${all.length} mutants\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return all.flatMap((mutant) => found.get(mutant) ?? []);
}

/** By seeds, whatever its trace is. */
async function huntOne([mutant]: readonly Mutant[], budget: Budget, name: string): Promise<Find[]> {
  if (mutant === undefined) return [];
  const { trace: _, ...seeded } = mutant;
  const find = await hunt(seeded, budget);
  if (find.scenario !== undefined) {
    writeFileSync(join(traces, name), `${JSON.stringify(find.scenario, undefined, 2)}\n`);
  }
  return [find];
}
