// What of the election and the elector no test claims: changes their code in one small place at a time, runs
// the fast tests against each such mutant, and writes docs/mutation.md. Takes about half an hour, one process
// at a time; the progress is on stderr, the report in coverage/mutation/mutation.html.
//
//   npm run mutation
//   npm run mutation -- src/election/wake.ts      only this file; writes no page
//   npm run mutation -- --report                  judges the last report again, without mutating
//
// Fails below 85 %, when a mutant survives without a reason in survivors.mjs, and when one that has a reason
// is killed.

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pageOf } from "./page.mjs";
import { readResults, totalOf } from "./results.mjs";
import { survivors as explained } from "./survivors.mjs";

const LEAST = 85;
const root = fileURLToPath(new URL("../..", import.meta.url));
const given = process.argv.slice(2);
const files = given.filter((argument) => argument !== "--report");

if (!given.includes("--report")) mutate();
const report = readFileSync(join(root, "coverage/mutation/mutation.json"), "utf8");
const results = readResults(JSON.parse(report));
const total = totalOf(results);
const complaints = compare();
const good = complaints.length === 0 && total.score >= LEAST;
if (good && files.length === 0) {
  writeFileSync(join(root, "docs/mutation.md"), pageOf(results, total, explained));
}
for (const complaint of complaints) console.log(complaint);
console.log(`${total.killed} of ${total.mutants} mutants killed: ${total.score.toFixed(1)} %`);
process.exitCode = good ? 0 : 1;

function mutate() {
  const stryker = createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json");
  const only = files.length === 0 ? [] : ["--mutate", files.join()];
  const config = "scripts/mutation/stryker.config.json";
  const args = [join(dirname(stryker), "bin/stryker.js"), "run", config, ...only];
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}

/** Survivors without a reason, and reasons without a survivor. */
function compare() {
  const nameOf = ({ file, line, becomes }) => JSON.stringify({ file, line, becomes });
  const mutated = new Set(results.map(({ file }) => file));
  const alive = new Set(results.flatMap(({ survivors }) => survivors.map(nameOf)));
  const known = new Set(
    explained
      .filter(({ file }) => mutated.has(file))
      .flatMap(({ file, line, becomes }) =>
        becomes.map((one) => nameOf({ file, line, becomes: one })),
      ),
  );
  return [
    ...[...alive]
      .filter((name) => !known.has(name))
      .map((name) => `survives without a reason: ${name}`),
    ...[...known]
      .filter((name) => !alive.has(name))
      .map((name) => `has a reason, and is killed: ${name}`),
  ];
}
