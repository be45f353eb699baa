import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Incumbent, Workshop } from "./incumbent.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const canUnshare = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;

describe("as process 1 of a container", () => {
  test("incumbent run buries zombies, or says that this Node.js cannot", () => {
    // An orphan that has died must be gone, and the command's own code must come through.
    const script = "(sh -c 'exit 0' & exec sh -c 'sleep 0.1') & sleep 0.6; ps -eo stat=; exit 7";
    const run = ["run", "--key", "job", "--store", workshop.store, "--", "sh", "-c", script];
    const unshare = ["--pid", "--fork", "--mount-proc", process.execPath, main, ...run];
    if (!canUnshare) throw new Error("this test needs unshare, and the right to make namespaces");
    const { status, stdout, stderr } = spawnSync("unshare", unshare, { encoding: "utf8" });
    expect(status).toBe(7);
    if ("execve" in process) expect(stdout).not.toMatch(/^Z/m);
    else expect(stderr).toContain("zombies are not buried");
  });
});

describe("under systemd", () => {
  test("incumbent run says when it is ready and whether it leads", async () => {
    const log = workshop.path("notified");
    const program = workshop.path("systemd-notify");
    writeFileSync(program, `#!/bin/sh\necho "$@" >> ${log}\n`);
    chmodSync(program, 0o755);
    const env = {
      INCUMBENT_STORE: workshop.store,
      NOTIFY_SOCKET: "/run/systemd/notify",
      PATH: `${workshop.directory}:${process.env["PATH"]}`,
    };
    const run = ["run", "--key", "job", "--", "sh", "-c", "sleep 0.3"];
    expect(await new Incumbent(run, env).ended()).toBe(0);
    const said = () => readFileSync(log, "utf8").trim().split("\n").sort();
    await expect
      .poll(said)
      .toEqual([
        "--ready --status=following",
        "--status=following",
        expect.stringMatching(/^--status=leading, token \d{16}$/),
        "STOPPING=1",
      ]);
  });
});
