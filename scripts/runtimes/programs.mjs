import assert from "node:assert/strict";
import { join } from "node:path";
import { withBetterSqlite } from "./installation.mjs";
import { launch, run } from "./process.mjs";
import { thisNode } from "./tools.mjs";

/** Whether a program that was bundled into one CommonJS file leads, from modules and from CommonJS. */
export function bundleChecksOf(bundler, { project, redis, report }) {
  const bundled = (source) => async () => {
    const folder = join(project, "bundled", `${bundler.name}-${source}`);
    const { args, file } = bundler.bundle(`./${source}`, folder);
    await launch([...bundler.command, ...args], { cwd: project, limit: 120_000 }).ends();
    const lead = async (...where) => {
      const said = await run([process.execPath, join(folder, file), ...where, bundler.name], {
        cwd: project,
      });
      assert.match(said, /^led with token \d+, stopped confirmed\n$/);
    };
    await lead("URL", redis);
    await lead("client", redis);
    const onSqlite = () => lead("SQLite", join(project, `${bundler.name}.db`));
    await (thisNode.sqlite === undefined
      ? onSqlite()
      : withBetterSqlite(project, thisNode, report, onSqlite));
  };
  return Object.fromEntries(bundler.sources.map((source) => [source, bundled(source)]));
}

/** Whether tests pass under a test runner as it is by default. */
export function testChecksOf(runner, { project }) {
  const cwd = join(project, runner.name);
  return {
    tests: async () => {
      await launch([...runner.command, ...runner.args], { cwd, limit: 120_000 }).ends();
    },
  };
}
