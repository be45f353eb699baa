import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { entryPoints } from "../scripts/entry-points.mjs";
import { median } from "./median.mjs";

const ROUNDS = 15;
/** By how much a script may take longer that imports an entry point, in ms. */
const BUDGET = 10;

/** How long a script runs that imports an entry point, against an empty one of the same format in the same round. */
export async function measureImport() {
  const folder = mkdtempSync(join(tmpdir(), "incumbent-import-"));
  try {
    return [
      ...measure("importing", folder, "mjs", (file) => `import ${JSON.stringify(file("js"))};`),
      ...measure("requiring", folder, "cjs", (file) => `require(${JSON.stringify(file("cjs"))});`),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function measure(verb, folder, extension, codeFor) {
  const write = (name, code) => {
    const script = join(folder, `${name}.${extension}`);
    writeFileSync(script, code);
    return script;
  };
  const scripts = entryPoints.map(({ specifier, name }) => {
    const file = (format) => new URL(`../dist/${name}.${format}`, import.meta.url).pathname;
    return { what: `${verb} ${specifier}`, script: write(name, codeFor(file)), times: [] };
  });
  const nothing = write("empty", "");
  const empty = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    empty.push(run(nothing));
    for (const { script, times } of scripts) times.push(run(script));
  }
  const minimum = median(empty);
  const budget = Math.round(minimum + BUDGET);
  return scripts.map(({ what, times }) => {
    return { what, ours: median(times), minimum, unit: "ms", budget };
  });
}

function run(script) {
  const begun = performance.now();
  execFileSync(process.execPath, [script]);
  return performance.now() - begun;
}
