// Incumbent beside other packages, in one run. `npm run bench:peers`.

import { runScript } from "../../scripts/command-line.mjs";
import { measures } from "./measures.mjs";
import { readOptions, usage } from "./options.mjs";
import { readPackages } from "./packages.mjs";
import { Progress } from "./progress.mjs";
import { tableOf } from "./table.mjs";

// Servers and candidates end with this process, however it ends.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));
process.setMaxListeners(0);

await runScript(usage, async (args) => {
  const options = readOptions(args);
  const packages = await readPackages(options.packages);
  for (const measure of measures) {
    if (!options.measures.includes(measure.name)) continue;
    const rows = [];
    const progress = new Progress(measure.name);
    for await (const row of measure.run({ packages, scale: options.scale, progress })) {
      rows.push(row);
      if (options.json) console.log(JSON.stringify({ measure: measure.name, ...row }));
    }
    if (!options.json) console.log(`\n${measure.title}\n\n${tableOf(measure.columns, rows)}\n`);
  }
  return 0;
});
