import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { entryPoints } from "../entry-points.mjs";
import { holdElection } from "./election.mjs";
import { withBetterSqlite } from "./installation.mjs";
import { launch, run } from "./process.mjs";

const ROUNDS = 5;

/**
 * What is tried under a runtime, in this order. Each throws when it fails, and may answer with what it
 * has measured.
 */
export function checksOf(runtime, { project, version, redis, report }) {
  const script = (name, ...args) => [...runtime.command, ...(runtime.flags ?? []), name, ...args];
  const options = { cwd: project };
  const say = async (name, ...args) => JSON.parse(await run(script(name, ...args), options));
  const lend = (use) => withSqlite(runtime, project, report, use);

  return {
    /** The least of a few rounds, since noise only adds. */
    async import() {
      const took = {};
      for (const { specifier: entry } of entryPoints) {
        for (let round = 0; round < ROUNDS; round += 1) {
          const found = await say("import.mjs", entry);
          assert.notDeepEqual(found.names, [], `${entry} is empty`);
          took[entry] = Math.min(took[entry] ?? Number.POSITIVE_INFINITY, found.took);
        }
      }
      return took;
    },

    async require() {
      for (const { specifier: entry } of entryPoints) {
        const [imported, required] = [
          await say("import.mjs", entry),
          await say("require.cjs", entry),
        ];
        assert.deepEqual(required.names, imported.names, `require("${entry}") must be the same`);
      }
    },

    sqlite: () => {
      const file = join(project, `${runtime.name}.db`);
      return lend(() => holdElection(script("candidate.mjs", "sqlite", file, "office"), options));
    },

    fence: async () => {
      const file = join(project, `${runtime.name}-fence.db`);
      const said = await lend(() => run(script("fence.mjs", file), options));
      const refusals = ["INCUMBENT_STORE_UNAVAILABLE", "1", "INCUMBENT_INVALID_OPTION", "resigned"];
      assert.equal(said, `${refusals.join("\n")}\n`);
    },

    redis: () => holdElection(script("candidate.mjs", "redis", redis, runtime.name), options),

    [runtime.awaitUsing ? "await using" : "asyncDispose"]: async () => {
      const example = runtime.awaitUsing ? "using.mjs" : "dispose.mjs";
      const said = await run(script(example), options);
      assert.equal(said, "elected\ndeposed\nleads: false\n");
    },

    README: async () => {
      const [onRedis, onSqlite] = readmeExamples(project, redis);
      const example = launch(script(onRedis), options);
      try {
        await example.says(/^leading with token \d+$/m);
        example.kill("SIGTERM");
        assert.match(await example.endsQuietly("SIGTERM"), /\nno longer leading\n$/);
      } finally {
        example.kill();
      }
      await lend(() => run(script(onSqlite), options));
    },

    command: async () => {
      const said = await run(
        script(`node_modules/incumbent/dist/cli/main.js`, "--version"),
        options,
      );
      assert.equal(said.trim(), version);
    },
  };
}

/** The demo with the command that npm has put into the project. It fails if something did not hold. */
export function demoOf(node, { project, report }) {
  const command = ["npx", "--no", "incumbent", "demo"];
  const demo = async () => {
    await launch(command, { cwd: project, limit: 60_000 }).ends();
  };
  return { "incumbent demo": () => withSqlite(node, project, report, demo) };
}

function withSqlite(runtime, project, report, use) {
  return runtime.sqlite === undefined ? use() : withBetterSqlite(project, runtime, report, use);
}

/** The first two examples of the installed README as files, copied but for the address of Redis. */
function readmeExamples(project, redis) {
  const readme = readFileSync(join(project, "node_modules/incumbent/README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code);
  return ["redis", "sqlite"].map((name, index) => {
    const path = `readme-${name}.mjs`;
    writeFileSync(join(project, path), blocks[index].replace("redis://127.0.0.1:6379", redis));
    return path;
  });
}
