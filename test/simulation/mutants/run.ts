// Has every mutant been caught?
//
//   npm run mutants                                       all of them; exit code 1 if one survives
//   npm run mutants -- --only "no floor"                  one of them
//   npm run mutants -- --json                             the table as JSON
//   npm run mutants -- --only NAME --hunt FILE --seeds N  looks for a seed, and keeps it as a short trace

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Budget, type Find, hunt, traces } from "./hunt.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { summaryOf, tableOf } from "./table.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    hunt: { type: "string" },
    from: { type: "string", default: "0" },
    seeds: { type: "string", default: "3000" },
    seconds: { type: "string", default: "60" },
    json: { type: "boolean", default: false },
  },
});

const budget: Budget = {
  from: Number(values.from),
  seeds: Number(values.seeds),
  longest: Number(values.seconds) * 1000,
  shrinks: values.hunt !== undefined,
};
const { only, hunt: file } = values;
const chosen = only === undefined ? mutants : mutants.filter(({ name }) => name.includes(only));
if (chosen.length === 0) throw new Error(`No mutant is called "${only}".`);
const finds = file === undefined ? await huntAll(chosen) : await huntOne(chosen, file);
const summary = summaryOf(finds);
console.log(values.json ? JSON.stringify(summary) : tableOf(summary));
process.exitCode = summary.caught === summary.of ? 0 : 1;

async function huntAll(all: readonly Mutant[]): Promise<Find[]> {
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
async function huntOne([mutant]: readonly Mutant[], name: string): Promise<Find[]> {
  if (mutant === undefined) return [];
  const { trace: _, ...seeded } = mutant;
  const find = await hunt(seeded, budget);
  if (find.scenario !== undefined) {
    writeFileSync(join(traces, name), `${JSON.stringify(find.scenario, undefined, 2)}\n`);
  }
  return [find];
}
