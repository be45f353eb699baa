import { execFileSync } from "node:child_process";

const ROUNDS = 15;

/** How much longer a script runs that imports the package, against an empty one. */
export async function measureImport() {
  const figures = [];
  for (const entry of ["index", "redis", "sqlite"]) {
    const file = new URL(`../dist/${entry}.js`, import.meta.url).href;
    const empty = [];
    const importing = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      empty.push(run(""));
      importing.push(run(`import ${JSON.stringify(file)}`));
    }
    // Noise only adds: the least of each is the nearest to the truth.
    const minimum = Math.min(...empty);
    const name = entry === "index" ? "incumbent" : `incumbent/${entry}`;
    const ours = Math.min(...importing) - minimum;
    figures.push({ what: `importing ${name}`, ours, minimum: undefined, unit: "ms", budget: 20 });
  }
  return figures;
}

function run(script) {
  const begun = performance.now();
  execFileSync(process.execPath, ["--input-type=module", "--eval", script]);
  return performance.now() - begun;
}
