// What of the election and the elector no test claims: changes their code in one small place at a time, runs
// the fast tests against each such mutant, and writes docs/mutation.md. Takes about half an hour, one process
// at a time; the progress is on stderr, the mutants are in coverage/mutation/mutation.html.
//
//   npm run mutation
//   npm run mutation -- src/election/wake.ts      this file anew, the others as they were last measured
//   npm run mutation -- --report                  judges the last measurement again
//
// Fails below 85 %, when a mutant survives without a reason in survivors.mjs, when one that has a reason is
// killed, and when a file has changed since it was measured.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { pageOf } from "./page.mjs";
import { readResults, totalOf } from "./results.mjs";
import { survivors as explained } from "./survivors.mjs";

const LEAST = 85;
const root = fileURLToPath(new URL("../..", import.meta.url));
/** The measurements of all files, by path. Stryker's own report has only those of its last run. */
const store = "coverage/mutation/files.json";

const given = process.argv.slice(2);
const all = ["src/election", "src/elector"].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
);
const measured = existsSync(join(root, store)) ? JSON.parse(read(store)) : {};
if (!given.includes("--report")) measure(given.length === 0 ? all : given);

const results = readResults(measured);
const total = totalOf(results);
const complaints = [...changedFiles(), ...unexplained()];
const good = complaints.length === 0 && total.score >= LEAST;
if (good) writeFileSync(join(root, "docs/mutation.md"), pageOf(results, total, explained));
for (const complaint of complaints) console.log(complaint);
console.log(`${total.killed} of ${total.mutants} mutants killed: ${total.score.toFixed(1)} %`);
process.exitCode = good ? 0 : 1;

function measure(paths) {
  const stryker = createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json");
  const config = "scripts/mutation/stryker.config.json";
  const args = ["run", config, "--mutate", paths.join()];
  const { status } = spawnSync(
    process.execPath,
    [join(dirname(stryker), "bin/stryker.js"), ...args],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  const { files } = JSON.parse(read("coverage/mutation/mutation.json"));
  // Files with nothing but types have no mutants, and are not in the report.
  for (const path of paths) measured[path] = files[path] ?? { source: read(path), mutants: [] };
  writeFileSync(join(root, store), JSON.stringify(measured));
}

function changedFiles() {
  return all
    .filter((path) => measured[path]?.source !== read(path))
    .map((path) => `not measured since it has changed: ${path}`);
}

/** Survivors without a reason, and reasons without a survivor. */
function unexplained() {
  const nameOf = ({ file, line, becomes }) => JSON.stringify({ file, line, becomes });
  const alive = new Set(total.survivors.map(nameOf));
  const known = new Set(
    explained.flatMap((one) => one.becomes.map((becomes) => nameOf({ ...one, becomes }))),
  );
  const without = (names, others) => [...names].filter((name) => !others.has(name));
  return [
    ...without(alive, known).map((name) => `survives without a reason: ${name}`),
    ...without(known, alive).map((name) => `has a reason, and is killed: ${name}`),
  ];
}

function read(path) {
  return readFileSync(join(root, path), "utf8");
}
