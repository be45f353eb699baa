import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { versionOf } from "./install.mjs";

const projectVersion = () => readJson("../../package.json").version;

/** On what, with what, and when it is measured. */
export function describeRun(packages, quick) {
  return {
    date: new Date().toISOString().slice(0, 10),
    quick,
    node: process.version.slice(1),
    processors: `${cpus().length} x ${cpus()[0].model.trim()}`,
    load: loadavg()[0],
    redis: versionIn("redis-server", ["--version"], /v=([\d.]+)/),
    etcd: packages.some(({ needs }) => needs === "etcd")
      ? versionIn("etcd", ["--version"], /Version: ([\d.]+)/)
      : undefined,
    ioredis: readJson("../../node_modules/ioredis/package.json").version,
    packages: packages.map(({ name, installed = name, use }) => ({
      ...{ name, installed, use },
      version: name === "incumbent" ? projectVersion() : versionOf(installed),
    })),
  };
}

function versionIn(command, args, pattern) {
  return pattern.exec(execFileSync(command, args, { encoding: "utf8" }))?.[1];
}

function readJson(path) {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
}
