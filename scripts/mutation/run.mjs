// What of the code no test claims: changes a folder in one small place at a time, runs the fast tests against
// each such mutant, and writes the folder's section of docs/internals/mutation.md. Takes about half an hour, one process
// at a time; the progress is on stderr, the mutants are in coverage/mutation/mutation.html.
// `npm run mutation -- --help`.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { readArgs, runScript, UsageError } from "../command-line.mjs";
import { pageWith } from "./page.mjs";
import { fileNameOf, partOf } from "./parts.mjs";
import { readResults, totalOf } from "./results.mjs";

const usage = `npm run mutation -- [--folder FOLDER] [--report] [FILE]…

  --folder  below src/, such as stores/redis-quorum (default: core, which is election and elector)
  FILE      measure this one anew, the others as they were last measured (default: all)
  --report  judge the last measurement again

Fails below 90 %, when a mutant survives without a reason in survivors/, when one that has a reason is killed,
and when a file has changed since it was measured.`;

const LEAST = 90;
const root = fileURLToPath(new URL("../..", import.meta.url));

await runScript(usage, async (args) => {
  const options = {
    folder: { type: "string", default: "core" },
    report: { type: "boolean", default: false },
  };
  const { values, positionals } = readArgs(args, options, { allowPositionals: true });
  const part = partOf(values.folder);
  const all = filesOf(part);
  const unknown = positionals.find((path) => !all.includes(path));
  if (unknown !== undefined) throw new UsageError(`Not a file of ${part.name}: ${unknown}`);
  if (!values.report) measure(part, positionals.length === 0 ? all : positionals);
  return judge(part, all, await reasonsOf(part));
});

function filesOf({ folders }) {
  const missing = folders.find((folder) => !existsSync(join(root, "src", folder)));
  if (missing !== undefined) throw new UsageError(`Not a folder below src/: ${missing}`);
  return folders.flatMap((folder) =>
    readdirSync(join(root, "src", folder), { recursive: true })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `src/${folder}/${name}`),
  );
}

/** What can be measured: each folder below src/, and each store. */
function allFolders() {
  const below = (folder) =>
    readdirSync(join(root, folder), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort();
  return below("src").flatMap((name) =>
    name === "stores" ? below("src/stores").map((store) => `stores/${store}`) : [name],
  );
}

async function reasonsOf(part) {
  const module = new URL(`survivors/${fileNameOf(part)}.mjs`, import.meta.url);
  return existsSync(module) ? (await import(module)).survivors : [];
}

/** The measurements of all files, by path. Stryker's own report has only those of its last run. */
function storeOf(part) {
  return join(root, `coverage/mutation/${fileNameOf(part)}.json`);
}

function measuredOf(part) {
  return existsSync(storeOf(part)) ? JSON.parse(readFileSync(storeOf(part), "utf8")) : {};
}

function judge(part, all, explained) {
  const measured = measuredOf(part);
  const results = readResults(measured);
  const total = totalOf(results);
  const complaints = [...changedFiles(measured, all), ...unexplained(total, explained)];
  const good = complaints.length === 0 && total.score >= LEAST;
  const page = "docs/internals/mutation.md";
  if (good) {
    const measurement = { part, results, total, explained, folders: allFolders() };
    writeFileSync(join(root, page), pageWith(read(page), measurement));
  }
  for (const complaint of complaints) console.log(complaint);
  console.log(`${total.killed} of ${total.mutants} mutants killed: ${total.score.toFixed(1)} %`);
  return good ? 0 : 1;
}

function measure(part, paths) {
  const stryker = createRequire(import.meta.url).resolve("@stryker-mutator/core/package.json");
  const config = "scripts/mutation/stryker.config.json";
  const args = ["run", config, "--mutate", paths.join()];
  const { status } = spawnSync(
    process.execPath,
    [join(dirname(stryker), "bin/stryker.js"), ...args],
    {
      cwd: root,
      stdio: ["ignore", 2, 2],
      env: { ...process.env, MUTATION_PART: part.name },
    },
  );
  if (status !== 0) process.exit(status ?? 1);
  const { files } = JSON.parse(read("coverage/mutation/mutation.json"));
  const measured = measuredOf(part);
  // Files with nothing but types have no mutants, and are not in the report.
  for (const path of paths) measured[path] = files[path] ?? { source: read(path), mutants: [] };
  writeFileSync(storeOf(part), JSON.stringify(measured));
}

function changedFiles(measured, all) {
  return all
    .filter((path) => measured[path]?.source !== read(path))
    .map((path) => `not measured since it has changed: ${path}`);
}

/** Survivors without a reason, and reasons without a survivor. */
function unexplained(total, explained) {
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
