// Incumbent beside other packages, in one run. `npm run bench:peers`.

import { runScript } from "../../scripts/command-line.mjs";
import { describeRun } from "./machine.mjs";
import { measures } from "./measures.mjs";
import { readOptions, usage } from "./options.mjs";
import { readPackages } from "./packages.mjs";
import { Progress } from "./progress.mjs";
import { readResults, writePage } from "./results.mjs";
import { tableOf } from "./table.mjs";
import { targetsIn } from "./targets.mjs";

// Servers and candidates end with this process, however it ends.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.setMaxListeners(0);

await runScript(usage, async (args) => {
  const options = readOptions(args);
  const { run, rows } = options.from ? readResults(options.from) : await measure(options);
  if (options.out) writePage(options.out, run, rows);
  return targetsIn(rows).every(({ holds }) => holds) ? 0 : 1;
});

async function measure({ packages: names, measures: wanted, scale, quick, json }) {
  const packages = await readPackages(names);
  const run = describeRun(packages, quick);
  const rows = [];
  if (json) console.log(JSON.stringify({ measure: "run", ...run }));
  for (const { name, title, columns, run: measureAll } of measures) {
    if (!wanted.includes(name)) continue;
    const from = rows.length;
    const progress = new Progress(name);
    for await (const figures of measureAll({ packages, scale, progress })) {
      const row = { measure: name, ...figures };
      rows.push(row);
      if (json) console.log(JSON.stringify(row));
    }
    if (!json) console.log(`\n${title}\n\n${tableOf(columns, rows.slice(from))}\n`);
  }
  if (!json) for (const target of targetsIn(rows)) console.log(verdictOf(target));
  return { run, rows };
}

function verdictOf({ what, figure, limit, unit, holds }) {
  return `${holds ? "ok  " : "OVER"} ${what}: ${figure.toFixed(2)} ${unit} (at most ${limit})`;
}
