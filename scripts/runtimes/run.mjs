// The packed package, installed and put through a short election under every runtime, bundler, test runner
// and compiler that it is said to work with; and, if asked for, the tests of its stores on other versions of servers.
// `npm run runtimes -- --help`.

import { readArgs, runScript, UsageError } from "../command-line.mjs";
import { checksOf, demoOf } from "./checks.mjs";
import { installPackage } from "./installation.mjs";
import { postgresChecksOf, postgresVersions } from "./postgres.mjs";
import { bundleChecksOf, testChecksOf } from "./programs.mjs";
import { startRedis } from "./redis.mjs";
import { serverChecksOf, servers } from "./servers.mjs";
import { tableOf } from "./table.mjs";
import {
  bundlers,
  cache,
  compilers,
  installed,
  runtimes,
  testRunners,
  thisNode,
} from "./tools.mjs";
import { typeChecksOf } from "./types.mjs";

const usage = `npm run runtimes -- [--json] [NAME]…

  NAME    only those whose name begins so, such as bun or "node 22" (default: all but servers);
          postgres: the tests of its store on PostgreSQL 12 to 18, "postgres 18": on one of them;
          valkey, redis, etcd, zookeeper, nats, mysql: the same on servers of newer releases of Debian
  --json  the result as JSON on stdout, progress on stderr

Exits with 1 when a check failed.`;

const begun = performance.now();

await runScript(usage, async (args) => {
  const options = { json: { type: "boolean", default: false } };
  const { values, positionals } = readArgs(args, options, { allowPositionals: true });
  const result = await check(toolsCalled(positionals));
  console.log(values.json ? JSON.stringify(result) : `\n${tableOf(result)}`);
  return result.rows.every(({ checks }) => checks.every(({ ok }) => ok)) ? 0 : 1;
});

function report(text) {
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  process.stderr.write(`${seconds.padStart(4)} s  ${text}\n`);
}

function toolsCalled(beginnings) {
  const all = [
    ...runtimes.map((tool) => ({ ...tool, checksOf })),
    { ...thisNode, checksOf: demoOf },
    ...bundlers.map((tool) => ({ ...tool, checksOf: bundleChecksOf })),
    ...testRunners.map((tool) => ({ ...tool, checksOf: testChecksOf })),
    ...compilers.map((tool) => ({ ...tool, checksOf: typeChecksOf })),
    ...postgresVersions.map((tool) => ({ ...tool, checksOf: postgresChecksOf })),
    ...servers.map((tool) => ({ ...tool, checksOf: serverChecksOf })),
  ];
  if (beginnings.length === 0) return all.filter(({ isOnlyByName }) => !isOnlyByName);
  return beginnings.flatMap((beginning) => {
    const tools = all.filter(({ name }) => name.startsWith(beginning));
    if (tools.length > 0) return tools;
    const names = all.map(({ name }) => name).join(", ");
    throw new UsageError(`Nothing has a name like "${beginning}": ${names}.`);
  });
}

async function check(tools) {
  report(`looking for ${tools.length} runtimes and tools in ${cache}`);
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
  return { version, tarball: { size, unpackedSize, entryCount }, rows };
}

/** All of them, also after one has failed. */
async function attempt(checks) {
  const outcomes = [];
  for (const [name, run] of Object.entries(checks)) {
    try {
      outcomes.push({ name, ok: true, found: await run() });
    } catch (error) {
      report(`${name} failed`);
      outcomes.push({ name, ok: false, error: error.message });
    }
  }
  return outcomes;
}
