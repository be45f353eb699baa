// Elections in SQL databases beside the bare statements, and others', in one run. `npm run bench:sql`.

import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { readArgs, runScript } from "../../scripts/command-line.mjs";
import { withSection } from "../section.mjs";
import { databases } from "./databases.mjs";
import { measureAll } from "./measures.mjs";
import { sectionOf, targetsIn, title } from "./section.mjs";

const usage = `npm run bench:sql -- [--quick] [--json]

  --quick  few rounds, for a look
  --json   one JSON object a line

Measures a renewal, an acquire, a hand-over, and renewals of 100 and 1,000 elections on PostgreSQL and MariaDB, beside
the same statements by hand. Writes a section of docs/reference/performance.md, unless --quick is given. Wants a quiet
machine. Exits with 1 if a target is missed.`;

// Servers end with this process, however it ends.
process.once("SIGINT", () => process.exit(130));
process.once("SIGTERM", () => process.exit(143));

const page = fileURLToPath(new URL("../../docs/reference/performance.md", import.meta.url));

const keys = Array.from({ length: 1000 }, (_, index) => `bench:${index}`);

await runScript(usage, async (args) => {
  const { quick, json } = readArgs(args, {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  }).values;
  const scale = quick
    ? { rounds: 40, handOverRounds: 10, manyRounds: 20 }
    : { rounds: 1000, handOverRounds: 60, manyRounds: 100 };
  const runs = [];
  for (const [name, open] of Object.entries(databases)) {
    const database = await open(keys);
    const { version, incumbent, others } = database;
    const uses = [incumbent, ...others].map((way) => ({ name: way.name, use: way.use }));
    const rows = [];
    try {
      for await (const row of measureAll(database, keys, scale)) {
        rows.push(row);
        if (json) console.log(JSON.stringify({ database: name, ...row }));
      }
    } finally {
      await database.stop();
    }
    runs.push({ name, version, uses, rows });
  }
  const section = sectionOf(runs);
  if (!json) console.log(section);
  if (!quick) writeFileSync(page, withSection(readFileSync(page, "utf8"), title, section));
  return targetsIn(runs).every(({ holds }) => holds) ? 0 : 1;
});
