import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { partOf } from "./parts.mjs";

const { MUTATION_PART = "core" } = process.env;
const { tests, without } = partOf(MUTATION_PART);

// The tests that a mutant meets.
export default defineConfig({
  root: fileURLToPath(new URL("../..", import.meta.url)),
  test: {
    include: tests,
    exclude: without,
    setupFiles: ["scripts/mutation/one-seed.ts"],
    testTimeout: 5_000,
  },
});
