import { execFileSync } from "node:child_process";
import { entryPoints } from "../scripts/entry-points.mjs";
import { median } from "./median.mjs";

const ROUNDS = 15;
/** By how much a script may take longer that imports an entry point, in ms. */
const BUDGET = 10;

/** How long a script runs that imports an entry point, against an empty one of the same format in the same round. */
export async function measureImport() {
  return [
    ...measure("importing", "module", (file) => `import ${JSON.stringify(file("js"))}`),
    ...measure("requiring", "commonjs", (file) => `require(${JSON.stringify(file("cjs"))})`),
  ];
}

function measure(verb, type, scriptFor) {
  const scripts = entryPoints.map(({ specifier, name }) => ({
    what: `${verb} ${specifier}`,
    script: scriptFor(
      (extension) => new URL(`../dist/${name}.${extension}`, import.meta.url).pathname,
    ),
    times: [],
  }));
  const empty = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    empty.push(run(type, ""));
    for (const { script, times } of scripts) times.push(run(type, script));
  }
  const minimum = median(empty);
  const budget = Math.round(minimum + BUDGET);
  return scripts.map(({ what, times }) => {
    return { what, ours: median(times), minimum, unit: "ms", budget };
  });
}

function run(type, script) {
  const begun = performance.now();
  execFileSync(process.execPath, [`--input-type=${type}`, "--eval", script]);
  return performance.now() - begun;
}
