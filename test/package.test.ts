import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const scratch = mkdtempSync(join(tmpdir(), "incumbent-package-"));
const project = join(scratch, "project");

let packed: readonly string[] = [];

// What is in dist/ is packed: `npm test` builds it first.
beforeAll(() => {
  const flags = ["--json", "--ignore-scripts", "--pack-destination", scratch];
  const [tarball] = JSON.parse(run(root, "npm", "pack", ...flags));
  packed = tarball.files.map(({ path }: { path: string }) => path);

  mkdirSync(project);
  writeFileSync(join(project, "package.json"), `{ "private": true, "type": "module" }`);
  // Offline: nothing but the package itself may be needed.
  run(project, "npm", "install", "--offline", "--no-audit", join(scratch, tarball.filename));
}, 120_000);

afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
});

const exported = {
  incumbent: ["Elector", "IncumbentError", "MemoryStore"],
  "incumbent/redis": ["RedisElector", "RedisStore"],
  "incumbent/redis-quorum": ["RedisQuorumElector", "RedisQuorumStore"],
  "incumbent/sqlite": ["SqliteStore"],
  "incumbent/prometheus": ["reportToPrometheus"],
  "incumbent/opentelemetry": ["reportToOpenTelemetry"],
  "incumbent/conformance": ["checkStore", "rules"],
  "incumbent/testing": ["ManualClock", "createTestElection"],
};

describe("the package", () => {
  test("holds what is built, and three pages about it", () => {
    const pages = packed.filter((path) => !path.startsWith("dist/"));
    expect(pages.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    const built = packed.filter((path) => path.startsWith("dist/"));
    expect(built.filter((path) => !/\.(js|d\.ts)$/.test(path))).toEqual([]);
    expect(built).toContain("dist/cli/main.js");
  });

  test("brings no other package with it", () => {
    const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
    const installed = Object.keys(packages).filter((path) => path.startsWith("node_modules/"));
    const needed = installed.filter((path) => packages[path].peer !== true);
    expect(needed).toEqual(["node_modules/incumbent"]);
  });

  test.each(Object.entries(exported))("%s can be imported", (entry, names) => {
    const code = `import * as all from "${entry}"; console.log(JSON.stringify(Object.keys(all)))`;
    const found = JSON.parse(run(project, process.execPath, "--input-type=module", "-e", code));
    expect(found).toEqual(expect.arrayContaining(names));
  });

  test.each(Object.entries(exported))("%s can be required", (entry, names) => {
    const code = `console.log(JSON.stringify(Object.keys(require("${entry}"))))`;
    const found = JSON.parse(run(project, process.execPath, "--input-type=commonjs", "-e", code));
    expect(found).toEqual(expect.arrayContaining(names));
  });

  test("has types that a strict project can check", () => {
    const lines = Object.entries(exported).flatMap(([entry, names], index) => [
      `import * as entry${index} from "${entry}";`,
      ...names.map((name) => `export const ${name} = entry${index}.${name};`),
    ]);
    writeFileSync(join(project, "use.ts"), lines.join("\n"));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
    // Not skipped: our own declarations are among the libraries of this project.
    const types = ["--skipLibCheck", "false", "--types", "node"];
    const where = ["--typeRoots", join(root, "node_modules/@types")];
    expect(run(project, process.execPath, compiler, ...flags, ...types, ...where, "use.ts")).toBe(
      "",
    );
  }, 120_000);

  test("has a command that says its version", () => {
    const command = join(project, "node_modules/.bin/incumbent");
    expect(run(project, command, "--version").trim()).toBe(version);
  });
});

/** What the command prints on stdout; throws with what it printed on stderr. */
function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
