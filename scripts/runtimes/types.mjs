import assert from "node:assert/strict";
import { launch } from "./process.mjs";

const resolutions = { nodenext: "nodenext", bundler: "esnext" };

/**
 * The program of `project/use.ts` under both ways to resolve modules, everything checked: our
 * declarations as well. Other packages' may be too new for an old compiler; that is counted, not failed.
 */
export function typeChecksOf(compiler, { project }) {
  const names = Object.entries(resolutions).map(([resolution, module]) => {
    const flags = ["--module", module, "--moduleResolution", resolution];
    return [resolution, () => check(compiler, project, [...flags, "entries.ts", "use.ts"])];
  });
  const checks = Object.fromEntries(names);
  // Before 5.8, the compiler refused require() of an ES module; no package can change that.
  if (Number.parseFloat(compiler.version) >= 5.8) {
    const flags = ["--module", "nodenext", "--moduleResolution", "nodenext"];
    checks.require = () => check(compiler, project, [...flags, "use-required.cts"]);
  }
  return checks;
}

async function check(compiler, project, args) {
  const strict = ["--strict", "--exactOptionalPropertyTypes", "--skipLibCheck", "false"];
  const flags = ["--noEmit", "--pretty", "false", "--target", "es2022", "--types", "node"];
  const command = [...compiler.command, ...strict, ...flags, ...args];
  const program = launch(command, { cwd: project, limit: 120_000 });
  const output = await program.ends().then(
    ({ stdout }) => stdout,
    (error) => error.message,
  );
  const errors = output.split("\n").filter((line) => /\berror TS\d+/.test(line));
  const others = errors.filter((line) => /^node_modules\/(?!incumbent\/)/.test(line));
  const ours = errors.filter((line) => !others.includes(line));
  if (ours.length > 0) throw new Error(ours.join("\n"));
  // Something else than a diagnostic, such as a compiler that does not start.
  if (errors.length === 0) assert.equal(output, "");
  return others.length === 0 ? undefined : { elsewhere: others };
}
