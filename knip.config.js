import { entryPoints } from "./scripts/entry-points.mjs";

/** @type {import("knip").KnipConfig} */
export default {
  entry: [
    ...entryPoints.map(({ name }) => `src/${name}.ts`),
    "simulation/{index,exhaustive/explore,exhaustive/instances,exhaustive/transcript}.ts",
    "src/cli/main.ts",
    "src/cli/supervise/guard-process.ts",
    "test/**/*.mjs",
    "test/conformance/wrong-stores/*.ts",
    "bench/peers/{candidate,probe}.mjs",
    "bench/peers/packages/*.mjs",
    "scripts/*.mjs",
    "scripts/mutation/survivors/*.mjs",
    "scripts/simulation/{run,worker}.mjs",
    "scripts/runtimes/election.mjs",
    "scripts/runtimes/project/*",
    "examples/**/*.{mjs,ts}",
  ],
  project: [
    "simulation/**/*.ts",
    "src/**/*.ts",
    "test/**/*.{ts,mjs}",
    "bench/**/*.mjs",
    "scripts/**/*.mjs",
    "examples/**/*.{mjs,ts}",
  ],
  stryker: {
    config: ["scripts/mutation/stryker.config.json"],
  },
  vitest: {
    config: ["vitest.config.ts", "vitest.proof.config.ts", "scripts/mutation/vitest.config.ts"],
  },
  ignoreDependencies: ["jest", "@jest/globals"],
  ignoreBinaries: [
    "etcd",
    "faketime",
    "fish",
    "mkfifo",
    "mount",
    "openssl",
    "umount",
    "redis-server",
    "systemd-notify",
    "unshare",
  ],
  ignoreExportsUsedInFile: {
    interface: true,
    type: true,
  },
};
