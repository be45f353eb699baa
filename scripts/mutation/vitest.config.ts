import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// The tests that a mutant meets: those of the two folders, and of the log, which drive real electors too.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: ["test/{election,elector}/**/*.test.ts", "test/observability/log.test.ts"],
    setupFiles: ["scripts/mutation/one-seed.ts"],
    testTimeout: 5_000,
  },
});
