import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { getuid } from "node:process";

/** What the tests start: on Debian by its package's name, and how it says its version. */
const programs = [
  { name: "redis-server", version: "--version", what: "Redis 6 or later" },
  { name: "tmux", version: "-V", what: "tmux, a terminal to type into" },
  { name: "faketime", version: "--version", what: "faketime, clocks that are wrong" },
  { name: "zsh", version: "--version", what: "zsh, to complete a line" },
  { name: "fish", version: "--version", what: "fish, for the same" },
] as const;

type Program = (typeof programs)[number];

/** Tests start their own servers and terminals; this makes sure that there are some to start. */
export function setup(): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name);
  if (!existsSync("/etc/debian_version")) {
    const wanted = missing.map(({ name, what }) => `${name} (${what})`).join(" and ");
    throw new Error(
      `The tests need ${wanted} on the PATH: install it, on macOS with brew install redis tmux libfaketime zsh fish.`,
    );
  }
  process.stdout.write(`installing ${names.join(" and ")} with apt-get …\n`);
  const asRoot = getuid?.() === 0 ? [] : ["sudo", "-n"];
  apt([...asRoot, "apt-get", "update", "-qq"]);
  apt([...asRoot, "apt-get", "install", "-y", "-qq", "--no-install-recommends", ...names]);
  const still = missing.filter((program) => !isInstalled(program)).map(({ name }) => name);
  if (still.length > 0)
    throw new Error(`apt-get has installed ${still.join()}, but it does not run.`);
}

function isInstalled({ name, version }: Program): boolean {
  return spawnSync(name, [version]).status === 0;
}

function apt([command = "", ...args]: string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, stderr } = spawnSync(command, args, { env, encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`"${[command, ...args].join(" ")}" failed, which the tests need: ${stderr}`);
}
