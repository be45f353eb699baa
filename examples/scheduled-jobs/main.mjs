// Two instances of one example. The one that leads is stopped in the middle of its second run.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const [example = "croner.mjs"] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "scheduled-jobs-"));
const store = process.env.INCUMBENT_STORE || join(folder, "leases.db");
const typescript = {
  execArgv: ["--import", "tsx"],
  env: {
    ...process.env,
    TSX_TSCONFIG_PATH: fileURLToPath(new URL("tsconfig.json", import.meta.url)),
  },
};

const instances = new Map();
const begun = new Map();
for (const name of ["one", "two"]) {
  const script = new URL(example, import.meta.url);
  const options = { ...(example.endsWith(".ts") && typescript), silent: true };
  const instance = fork(script, [name, store], options);
  instance.stderr.pipe(process.stderr);
  createInterface(instance.stdout).on("line", (line) => heard(name, line));
  instances.set(name, instance);
}
process.once("exit", () => {
  for (const instance of instances.values()) instance.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

function heard(name, line) {
  console.log(line);
  if (!line.includes(" begins, ")) return;
  begun.set(name, (begun.get(name) ?? 0) + 1);
  if (begun.get(name) !== 2) return;
  console.log(`SIGTERM to ${name}`);
  instances.get(name).kill("SIGTERM");
}

await Promise.all([...instances.values()].map((instance) => once(instance, "close")));
