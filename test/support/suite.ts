import { defineConfig } from "vitest/config";
import { CountReporter } from "./count-reporter.ts";
import { ProgressReporter } from "./progress-reporter.ts";

const shared = {
  // A loaded machine is slow, and a poll ends as soon as what it waits for is there.
  expect: { poll: { timeout: 15_000 } },
  pool: "forks",
  hookTimeout: 30_000,
} as const;

/** The tests below test/ whose files have the ending, as vitest is to run them. */
export function filesEndingIn(ending: "test.ts" | "proof.ts") {
  return defineConfig({
    test: {
      globalSetup: "./test/support/install-programs.ts",
      reporters: ["default", new ProgressReporter(), new CountReporter()],
      allowOnly: false,
      coverage: { include: ["src/**"] },
      projects: [
        {
          test: {
            ...shared,
            name: "all",
            include: [`test/**/*.${ending}`],
            exclude: ["test/faults/**", "test/resources/**"],
            // More than processors: most tests wait for a lease to end, a process or a server.
            maxWorkers: 5,
            testTimeout: 30_000,
            sequence: { groupOrder: 0 },
          },
        },
        {
          // They measure times, so they run when everything else has ended. Most of it is waiting.
          test: {
            ...shared,
            name: "faults",
            include: [`test/{faults,resources}/**/*.${ending}`],
            maxWorkers: 4,
            testTimeout: 60_000,
            sequence: { groupOrder: 1 },
          },
        },
      ],
    },
  });
}
