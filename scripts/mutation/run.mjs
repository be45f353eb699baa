// What of the election and the elector no test claims: changes their code in one small place at a time, runs
// the fast tests against each such mutant, and writes docs/mutation.md. Takes about half an hour, one process
// at a time; the progress is on stderr, the mutants are in coverage/mutation/mutation.html.
// `npm run mutation -- --help`.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readArgs, runScript, UsageError } from "../command-line.mjs";
import { pageOf } from "./page.mjs";
import { readResults, totalOf } from "./results.mjs";
import { survivors as explained } from "./survivors.mjs";

const usage = `npm run mutation -- [--report] [FILE]…

  FILE      measure this one anew, the others as they were last measured (default: all)
  --report  judge the last measurement again

Fails below 85 %, when a mutant survives without a reason in survivors.mjs, when one that has a reason is
killed, and when a file has changed since it was measured.`;

const LEAST = 85;
const root = fileURLToPath(new URL("../..", import.meta.url));
/** The measurements of all files, by path. Stryker's own report has only those of its last run. */
const store = "coverage/mutation/files.json";

const all = ["src/election", "src/elector"].flatMap((folder) =>
  readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
);
const measured = existsSync(join(root, store)) ? JSON.parse(read(store)) : {};

await runScript(usage, (args) => {
  const options = { report: { type: "boolean", default: false } };
  const { values, positionals } = readArgs(args, options, { allowPositionals: true });
  const unknown = positionals.find((path) => !all.includes(path));
  if (unknown !== undefined) throw new UsageError(`Not a file of the election: ${unknown}`);
  if (!values.report) measure(positionals.length === 0 ? all : positionals);
  return judge();
});

function judge() {
  const results = readResults(measured);
  const total = totalOf(results);
  const complaints = [...changedFiles(), ...unexplained(total)];
  const good = complaints.length === 0 && total.score >= LEAST;
  if (good) writeFileSync(join(root, "docs/mutation.md"), pageOf(results, total, explained));
  for (const complaint of complaints) console.log(complaint);
  console.log(`${total.killed} of ${total.mutants} mutants killed: ${total.score.toFixed(1)} %`);
  return good ? 0 : 1;
}

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
function unexplained(total) {
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
