import assert from "node:assert/strict";
import { launch } from "./process.mjs";

const resolutions = {
  node10: "commonjs",
  node16: "node16",
  nodenext: "nodenext",
  bundler: "esnext",
};

/**
 * The program of `project/use.ts` under each way to resolve modules, everything checked: our
 * declarations as well. Other packages' may be too new for an old compiler; that is counted, not failed.
 */
export function typeChecksOf(compiler, { project }) {
  const version = Number.parseFloat(compiler.version);
  // Version 6 warns of node10, and 7 does not have it.
  const known = Object.entries(resolutions).filter(([name]) => name !== "node10" || version < 7);
  const names = known.map(([resolution, module]) => {
    const flags = ["--module", module, "--moduleResolution", resolution];
    if (resolution === "node10" && version >= 6) flags.push("--ignoreDeprecations", "6.0");
    return [resolution, () => check(compiler, project, [...flags, "entries.ts", "use.ts"])];
  });
  const checks = Object.fromEntries(names);
  const flags = ["--module", "node16", "--moduleResolution", "node16"];
  checks.require = () => check(compiler, project, [...flags, "use-required.cts"]);
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
