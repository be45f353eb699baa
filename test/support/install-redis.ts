import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { getuid } from "node:process";

/** Tests that need a Redis server start their own; this makes sure that there is one to start. */
export function setup(): void {
  if (isInstalled()) return;
  if (!existsSync("/etc/debian_version")) {
    throw new Error(
      "The tests need redis-server on the PATH: install Redis 6 or later (macOS: brew install redis).",
    );
  }
  process.stdout.write("redis-server is not installed: installing it with apt-get …\n");
  const asRoot = getuid?.() === 0 ? [] : ["sudo", "-n"];
  apt([...asRoot, "apt-get", "update", "-qq"]);
  apt([...asRoot, "apt-get", "install", "-y", "-qq", "--no-install-recommends", "redis-server"]);
  if (!isInstalled()) throw new Error("apt-get has installed redis-server, but it does not run.");
}

function isInstalled(): boolean {
  return spawnSync("redis-server", ["--version"]).status === 0;
}

function apt([command = "", ...args]: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(
    `The tests need redis-server, and "${[command, ...args].join(" ")}" failed: ${stderr}`,
  );
}
