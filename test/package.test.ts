import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entryPoints } from "../scripts/entry-points.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const { version, exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const scratch = mkdtempSync(join(tmpdir(), "incumbent-package-"));
const project = join(scratch, "project");
const installed = join(project, "node_modules/incumbent");

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

describe("the package", () => {
  test("holds what is built, and three pages about it, in few files for each entry point", () => {
    const pages = packed.filter((path) => !path.startsWith("dist/"));
    expect(pages.sort()).toEqual(["CHANGELOG.md", "LICENSE", "README.md", "package.json"]);
    const built = packed.filter((path) => path.startsWith("dist/"));
    expect(built.filter((path) => !/\.(c?js(\.map)?|d\.c?ts)$/.test(path))).toEqual([]);
    expect(built).toContain("dist/cli/main.js");
    // An entry point: code, its map and types, each in two formats. Besides: what several share, and the command.
    expect(packed.length).toBeLessThanOrEqual(6 * entryPoints.length + 40);
  });

  test("says where the pages are that its README links to", () => {
    const text = readFileSync(join(installed, "README.md"), "utf8");
    expect(text).toMatch(/are in `docs\/` of the repository, at the tag of the version/);
    const { scripts, repository } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    if (repository !== undefined) return;
    // npm would show links that lead nowhere.
    const [command = "", ...args] = scripts.prepublishOnly.split(" ");
    expect(() => run(root, command, ...args)).toThrow(/no `repository`/);
  });

  test("brings no other package with it", () => {
    const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
    const paths = Object.keys(packages).filter((path) => path.startsWith("node_modules/"));
    const needed = paths.filter((path) => packages[path].peer !== true);
    expect(needed).toEqual(["node_modules/incumbent"]);
  });

  test("has types that a strict project can check, in both formats", () => {
    const lines = entryPoints.map(
      ({ specifier }, index) => `export * as entry${index} from "${specifier}";`,
    );
    for (const name of ["use.mts", "use.cts"]) writeFileSync(join(project, name), lines.join("\n"));
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const flags = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022"];
    // Not skipped: our own declarations are among the libraries of this project.
    const types = ["--skipLibCheck", "false", "--types", "node"];
    const where = ["--typeRoots", join(root, "node_modules/@types"), "use.mts", "use.cts"];
    expect(run(project, process.execPath, compiler, ...flags, ...types, ...where)).toBe("");
  }, 120_000);

  test("imports nothing but itself and what Node.js has", () => {
    for (const path of packed.filter((path) => /\.(c?js|d\.c?ts)$/.test(path))) {
      const text = readFileSync(join(installed, path), "utf8");
      const names = text.matchAll(/^(?:import|export)\b.* from '(.*)';$|\brequire\('(.*)'\)/gm);
      const imported = [...names].map(([, name, required]) => name ?? required ?? "");
      expect(
        imported.filter((name) => !/^(\.{1,2}\/|node:)/.test(name)),
        path,
      ).toEqual([]);
    }
  });

  test("has a command that says its version", () => {
    const command = join(project, "node_modules/.bin/incumbent");
    expect(run(project, command, "--version").trim()).toBe(version);
  });
});

describe("a source map", () => {
  const code = () => packed.filter((path) => /\.c?js$/.test(path));
  const textOf = (path: string) => readFileSync(join(installed, path), "utf8");

  test("is there for all code that is not passed on from another file", () => {
    const unmapped = code().filter((path) => !packed.includes(`${path}.map`));
    for (const path of unmapped) expect(textOf(path)).not.toMatch(/\b(class|function)\b|=>/);
    expect(code().length - unmapped.length).toBeGreaterThanOrEqual(4);
  });

  test("leads to the sources as they were written, without a file that is not there", () => {
    for (const path of code().filter((path) => packed.includes(`${path}.map`))) {
      const name = /\/\/# sourceMappingURL=(\S+)\n$/.exec(textOf(path))?.[1];
      expect(`${path}.map`.endsWith(`/${name}`), path).toBe(true);
      const { sources, sourcesContent } = JSON.parse(textOf(`${path}.map`));
      for (const [index, source] of sources.entries()) {
        expect(sourcesContent[index], source).toBe(
          readFileSync(join(root, dirname(path), source), "utf8"),
        );
      }
    }
  });
});

describe.each(entryPoints)("$specifier", ({ specifier, name }) => {
  test("has code and types in both formats", () => {
    const files = (code: string, types: string) => ({
      types: `./dist/${name}.${types}`,
      default: `./dist/${name}.${code}`,
    });
    const path = specifier.replace("incumbent", ".");
    expect(exports[path]).toEqual({
      import: files("js", "d.ts"),
      require: files("cjs", "d.cts"),
    });
    for (const { types } of Object.values<{ types: string }>(exports[path])) {
      expect(existsSync(join(installed, types)), types).toBe(true);
    }
  });

  test("exports what its source does, imported and required", async () => {
    const source = Object.keys(await import(`../src/${name}.ts`)).sort();
    const print = (all: string) => `console.log(JSON.stringify(Object.keys(${all}).sort()))`;
    const imported = evaluate("module", `import * as all from "${specifier}"; ${print("all")}`);
    const required = evaluate("commonjs", print(`require("${specifier}")`));
    expect([JSON.parse(imported), JSON.parse(required)]).toEqual([source, source]);
  });
});

describe("importing all entry points", () => {
  // Of a few lines each. All others are loaded when they are used, by src/builtin.ts.
  const small = ["module", "timers/promises"];

  test.each([
    ["module", "await import"],
    ["commonjs", "require"],
  ] as const)("loads no large module of Node.js in a %s", (type, load) => {
    writeFileSync(join(project, "empty.mjs"), "");
    writeFileSync(join(project, "empty.cjs"), "");
    const empty = type === "module" ? "./empty.mjs" : "./empty.cjs";
    const specifiers = entryPoints.map(({ specifier }) => specifier);
    const code = `
      const loaded = () => process.moduleLoadList.flatMap((line) => {
        return /^NativeModule (?!internal)(.*)/.exec(line)?.[1] ?? [];
      });
      ${load}("${empty}"); // What the first of all files needs.
      const before = loaded();
      for (const specifier of ${JSON.stringify(specifiers)}) ${load}(specifier);
      const added = loaded().filter((module) => !before.includes(module));
      process.getBuiltinModule("node:https");
      console.log(JSON.stringify([added, loaded().includes("https")]));`;
    const [added, isListed]: [string[], boolean] = JSON.parse(evaluate(type, code));
    expect(added.filter((module) => !small.includes(module))).toEqual([]);
    expect(isListed, "modules are listed as before").toBe(true);
  });
});

describe("a class", () => {
  const checks = `
    const caught = (make) => { try { make(); } catch (error) { return error; } };
    const error = caught(() => new redis.RedisStore("no address"));
    console.log(error instanceof incumbent.IncumbentError);
    console.log(redis.RedisElector.prototype instanceof incumbent.Elector);`;

  test("is the same one for all entry points of a format", () => {
    const imports = `import * as incumbent from "incumbent"; import * as redis from "incumbent/redis";`;
    const requires = `const incumbent = require("incumbent"), redis = require("incumbent/redis");`;
    expect(evaluate("module", imports + checks)).toBe("true\ntrue\n");
    expect(evaluate("commonjs", requires + checks)).toBe("true\ntrue\n");
  });

  test("of an error is known to the other format as well", () => {
    const code = `
      import { IncumbentError, isIncumbentError } from "incumbent";
      import { createRequire } from "node:module";
      const required = createRequire(process.cwd() + "/x.js")("incumbent");
      for (const Class of [IncumbentError, required.IncumbentError]) {
        const error = new Class("INCUMBENT_INVALID_OPTION", "x");
        console.log(isIncumbentError(error), required.isIncumbentError(error));
      }`;
    expect(evaluate("module", code)).toBe("true true\ntrue true\n");
  });
});

function evaluate(type: "module" | "commonjs", code: string): string {
  return run(project, process.execPath, `--input-type=${type}`, "-e", code);
}

/** What the command prints on stdout; throws with what it printed on stderr. */
function run(cwd: string, command: string, ...args: string[]): string {
  return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
