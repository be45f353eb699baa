import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const cache = fileURLToPath(new URL("../../node_modules/.cache/consul", import.meta.url));
const fetched = join(cache, "usr/bin/consul");

/** The program, if it is installed or was fetched. */
export function consulProgram(): string | undefined {
  return ["consul", fetched].find((path) => spawnSync(path, ["version"]).status === 0);
}

/** Debian 11 is the last one that has it. Returns whether it is there now; the tests do without it otherwise. */
export function fetchConsul(): boolean {
  if (consulProgram() !== undefined) return true;
  if (!existsSync("/etc/debian_version")) return false;
  for (const folder of ["lists/partial", "archives/partial"]) {
    mkdirSync(join(cache, folder), { recursive: true });
  }
  const list = join(cache, "bullseye.list");
  writeFileSync(list, "deb http://deb.debian.org/debian bullseye main\n");
  // With files of its own, so that nothing else is ever installed from an old Debian.
  const settings = [
    ...[`Dir::State::lists=${cache}/lists`, `Dir::Cache=${cache}`, `Dir::Etc::sourcelist=${list}`],
    ...["Dir::Etc::sourceparts=/dev/null", "Acquire::Check-Valid-Until=false"],
    ...["Acquire::http::Timeout=20", "APT::Sandbox::User=root"],
  ].flatMap((setting) => ["-o", setting]);
  const run = (command: string, ...args: string[]) =>
    spawnSync(command, args, { cwd: cache, timeout: 120_000 }).status === 0;
  if (!run("apt-get", ...settings, "-qq", "update")) return false;
  if (!run("apt-get", ...settings, "-qq", "download", "consul")) return false;
  const archive = readdirSync(cache).find((name) => /^consul_.*\.deb$/.test(name));
  return (
    archive !== undefined && run("dpkg", "-x", archive, cache) && consulProgram() !== undefined
  );
}
