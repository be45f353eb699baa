// The packed package, installed and put through a short election under every runtime and every
// compiler that it is said to work with.
//
//   npm run runtimes                        all of them
//   npm run runtimes -- bun "node 22"       those whose name begins so
//   npm run runtimes -- --json              the result as JSON on stdout, progress on stderr

import { checksOf, demoOf } from "./checks.mjs";
import { installPackage } from "./installation.mjs";
import { startRedis } from "./redis.mjs";
import { tableOf } from "./table.mjs";
import { cache, compilers, installed, runtimes, thisNode } from "./tools.mjs";
import { typeChecksOf } from "./types.mjs";

const args = process.argv.slice(2);
const json = args.includes("--json");
const wanted = args.filter((argument) => argument !== "--json");

const begun = performance.now();
const report = (text) => {
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  process.stderr.write(`${seconds.padStart(4)} s  ${text}\n`);
};

const tools = [
  ...runtimes.map((tool) => ({ ...tool, checksOf })),
  { ...thisNode, checksOf: demoOf },
  ...compilers.map((tool) => ({ ...tool, checksOf: typeChecksOf })),
].filter(({ name }) => wanted.length === 0 || wanted.some((start) => name.startsWith(start)));
if (tools.length === 0) throw new Error(`No runtime or compiler has a name like ${wanted}.`);

report(`looking for ${tools.length} runtimes and compilers in ${cache}`);
const ready = [];
for (const tool of tools) ready.push(await installed(tool, report));
report("packing and installing the package");
const { version, tarball, project } = await installPackage();
const redis = await startRedis();
const rows = [];
for (const tool of ready) {
  report(`${tool.name} (${tool.version})`);
  const checks = tool.checksOf(tool, { project, version, redis: redis.url, report });
  rows.push({ name: tool.name, version: tool.version, checks: await attempt(checks) });
}
redis.stop();

const { size, unpackedSize, entryCount } = tarball;
const result = { version, tarball: { size, unpackedSize, entryCount }, rows };
console.log(json ? JSON.stringify(result) : `\n${tableOf(result)}`);
process.exitCode = rows.every(({ checks }) => checks.every(({ ok }) => ok)) ? 0 : 1;

/** All of them, also after one has failed. */
async function attempt(checks) {
  const outcomes = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      outcomes.push({ name, ok: true, found: await check() });
    } catch (error) {
      report(`${name} failed`);
      outcomes.push({ name, ok: false, error: error.message });
    }
  }
  return outcomes;
}
