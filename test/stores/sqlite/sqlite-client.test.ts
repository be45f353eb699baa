import { execFile } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "./forged-machine.ts";

const built = new URL("../../../dist/", import.meta.url);
const run = promisify(execFile);

/** Makes a store in a process of its own, after `before`, and prints what came of it. */
async function construct(store: URL, before = ""): Promise<{ stdout: string; stderr: string }> {
  const path = join(temporaryDirectory(), "leader.db");
  const script = `
    ${before}
    const { SqliteStore } = await import(${JSON.stringify(store.href)});
    try {
      new SqliteStore(${JSON.stringify(path)});
      console.log("made");
    } catch (error) {
      console.log(error.code, error.message);
    }`;
  return run(process.execPath, ["--input-type=module", "-e", script]);
}

describe("the library", () => {
  test("is loaded without a word, also if Node.js calls its own experimental", async () => {
    const store = new URL("sqlite.js", built);
    expect(await construct(store)).toEqual({ stdout: "made\n", stderr: "" });
  });

  test("that is missing is named by the constructor, with the way to get it", async () => {
    expect(await constructWith(`require("no-such-package");`)).toMatch(
      /^INCUMBENT_MISSING_PACKAGE .*"npm install better-sqlite3"/,
    );
  });

  test("whose native part is missing is named with the way to build it", async () => {
    const unbuilt = `module.exports = class { constructor() { throw new Error("no bindings"); } };`;
    expect(await constructWith(unbuilt)).toMatch(
      /^INCUMBENT_MISSING_PACKAGE .*"npm rebuild better-sqlite3"/,
    );
  });

  /** Where Node.js has no SQLite built in, and `better-sqlite3` is this source. */
  async function constructWith(source: string): Promise<string> {
    const directory = temporaryDirectory();
    cpSync(built, join(directory, "dist"), { recursive: true });
    writeFileSync(join(directory, "package.json"), '{ "type": "module" }');
    const modules = join(directory, "node_modules", "better-sqlite3");
    mkdirSync(modules, { recursive: true });
    writeFileSync(join(modules, "index.js"), source);
    const store = pathToFileURL(join(directory, "dist/sqlite.js"));
    const hide = `const { getBuiltinModule } = process;
      process.getBuiltinModule = (name) => name === "node:sqlite" ? undefined : getBuiltinModule(name);`;
    return (await construct(store, hide)).stdout;
  }
});
