// dist/ from src/, with nothing left over from files that are gone. Silent unless it fails.

import { spawnSync } from "node:child_process";
import { chmodSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const typescript = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
const dist = join(root, "dist");

rmSync(dist, { recursive: true, force: true });
const compiler = [join(typescript, "bin/tsc"), "-p", join(root, "tsconfig.build.json")];
const { status } = spawnSync(process.execPath, compiler, { stdio: "inherit" });
if (status === 0) chmodSync(join(dist, "cli/main.js"), 0o755);
process.exitCode = status ?? 1;
