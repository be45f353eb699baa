import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { root } from "../tidy/source.ts";
import { Workshop } from "./incumbent.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
  // As npx or a global installation has it: no client is anywhere near.
  folderWith("global", []);
  const installed = workshop.path("global/node_modules/incumbent");
  cpSync(join(root, "dist"), join(installed, "dist"), { recursive: true });
  cpSync(join(root, "package.json"), join(installed, "package.json"));
});
afterEach(() => workshop.close());

/** A folder with these packages and no others, also if a folder above it has some. */
function folderWith(name: string, packages: readonly string[]): string {
  const modules = workshop.path(join(name, "node_modules"));
  mkdirSync(modules, { recursive: true });
  for (const client of ["ioredis", "redis", "iovalkey", "better-sqlite3", "prom-client"]) {
    const place = join(modules, client);
    if (packages.includes(client)) {
      symlinkSync(join(root, "node_modules", client), place);
    } else {
      mkdirSync(place);
      writeFileSync(join(place, "index.js"), `require("a-package-that-is-not-installed");`);
    }
  }
  return workshop.path(name);
}

const project = (...packages: string[]) => folderWith("project", packages);

/** The command of that installation, started in the project. */
const start = (folder: string, ...args: string[]) =>
  workshop.shell(
    `cd '${folder}'; shift 2; exec node '${workshop.path("global/node_modules/incumbent/dist/cli/main.js")}' "$@"`,
    ...args,
  );

describe("the command, installed far from the project in the working directory,", () => {
  test.each(["ioredis", "redis", "iovalkey"])("finds the project's %s", async (client) => {
    const store = `redis://127.0.0.1:${await freePort()}`;
    const asked = start(project(client), "status", "job", "--store", store);
    expect(await asked.ended()).toBe(69);
    expect(asked.err).toContain("ECONNREFUSED");
  });

  test("finds its better-sqlite3 and its prom-client", async () => {
    const folder = project("better-sqlite3", "prom-client");
    const page = "fetch(process.argv[1]).then((r) => r.text()).then((text) => console.log(text))";
    const port = await freePort();
    const command = ["node", "-e", page, `http://127.0.0.1:${port}/metrics`];
    const started = start(folder, "run", "--key", "job", "--http", String(port), "--", ...command);
    expect(await started.ended()).toBe(0);
    expect(started.out).toContain('leader_election_master_status{name="job"} 1');
  });

  test("names the package to install if none is installed", async () => {
    const asked = start(project(), "status", "job", "--store", "redis://127.0.0.1:1");
    expect(await asked.ended()).toBe(64);
    expect(asked.err).toContain("A redis:// URL needs a Redis client: npm install ioredis");
    expect(asked.err).not.toContain("another store");
  });
});
