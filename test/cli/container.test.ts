import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { initScript } from "../../src/cli/supervise/init.ts";
import { Incumbent, Workshop } from "./incumbent.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const canUnshare = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;

describe("as process 1 of a container", () => {
  // An orphan that has died must be gone, and the command's own code must come through.
  const script =
    "(sh -c 'exit 0' & exec sh -c 'sleep 0.1') & sleep 0.6; ps -eo stat=,comm=; exit 7";
  const unshare = (...command: string[]) => {
    if (!canUnshare) throw new Error("this test needs unshare, and the right to make namespaces");
    const words = ["--pid", "--fork", "--mount-proc", ...command];
    return spawnSync("unshare", words, { encoding: "utf8" });
  };

  test("incumbent run replaces itself by an init, or warns that this Node.js cannot", () => {
    const run = ["run", "--key", "job", "--store", workshop.store, "--", "sh", "-c", script];
    const { status, stdout, stderr } = unshare(process.execPath, main, ...run);
    expect(status).toBe(7);
    if ("execve" in process) expect(stdout).not.toMatch(/^Z/m);
    else expect(stderr).toContain("zombie processes cannot be reaped");
  });

  test("the init reaps zombies, and passes on the exit code of its child", () => {
    const { status, stdout } = unshare("sh", "-c", initScript, "incumbent", "sh", "-c", script);
    expect(status).toBe(7);
    expect(stdout).toMatch(/^R\S*\s+ps$/m);
    expect(stdout).not.toMatch(/^Z/m);
  });

  test.each(["TERM", "INT", "QUIT", "HUP", "USR1", "USR2"])(
    "the init passes SIG%s on",
    async (name) => {
      const child = `setInterval(() => {}, 1000); process.on("SIG${name}", () => process.exit(9)); console.log("up");`;
      const init = ["-c", initScript, "incumbent", process.execPath, "-e", child];
      const started = spawn("sh", init, { stdio: ["ignore", "pipe", "inherit"] });
      await once(started.stdout, "data");
      started.kill(`SIG${name}` as NodeJS.Signals); // Of the names above.
      const [code] = await once(started, "exit");
      expect(code).toBe(9);
    },
  );
});

describe("under systemd", () => {
  test("incumbent run reports when it is ready and whether it leads", async () => {
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
