import { defineConfig } from "vitest/config";
import { CountReporter } from "./test/support/count-reporter.ts";

/** A loaded machine is slow, and a poll ends as soon as what it waits for is there. */
const patient = { poll: { timeout: 15_000 } };

export default defineConfig({
  test: {
    globalSetup: "./test/support/install-programs.ts",
    reporters: ["default", new CountReporter()],
    allowOnly: false,
    coverage: { include: ["src/**"] },
    projects: [
      {
        test: {
          name: "all",
          include: ["test/**/*.test.ts"],
          exclude: ["test/faults/**", "test/resources/**"],
          expect: patient,
          pool: "forks",
          maxWorkers: 2,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // They measure times, so they run one after the other when everything else has ended.
        test: {
          name: "faults",
          include: ["test/{faults,resources}/**/*.test.ts"],
          expect: patient,
          pool: "forks",
          fileParallelism: false,
          testTimeout: 60_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
