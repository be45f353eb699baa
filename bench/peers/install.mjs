import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** What is compared, at the versions that are compared. They are no dependencies of this package. */
const versions = {
  "@sesamecare-oss/redlock": "1.4.0",
  etcd3: "1.1.2",
  ioredis: "6.0.0",
  "redis-leader": "0.1.0",
  "redis-semaphore": "5.8.0",
  redlock: "5.0.0-beta.2",
  "redlock-universal": "0.8.5",
  "safe-redis-leader": "0.0.6",
};

const folder = fileURLToPath(new URL("../../node_modules/.cache/bench-peers/", import.meta.url));

/** Installs the packages into a folder of their own, unless these versions are there. */
export function install() {
  const manifest = JSON.stringify({ private: true, dependencies: versions }, undefined, 2);
  const [wanted, installed] = [`${folder}package.json`, `${folder}installed.json`];
  if (existsSync(installed) && readFileSync(installed, "utf8") === manifest) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(wanted, manifest);
  // One of them asks for a newer Node.js than it needs, and some for clients that it does not.
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--legacy-peer-deps"];
  execFileSync("npm", ["install", ...quiet, "--loglevel", "error"], { cwd: folder });
  writeFileSync(installed, manifest);
}

/** Imports an installed package, as CommonJS. */
export function load(name) {
  return createRequire(`${folder}package.json`)(name);
}

export function versionOf(name) {
  return versions[name];
}
