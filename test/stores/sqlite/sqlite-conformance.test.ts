import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";

describe("the SQLite store", () => {
  checkStore(test, {
    setUp: () => {
      const folder = mkdtempSync(join(tmpdir(), "incumbent-"));
      const file = join(folder, "leader.db");
      return {
        open: () => new SqliteStore(file),
        loseData: () => {
          for (const suffix of ["", "-wal", "-shm"]) rmSync(`${file}${suffix}`, { force: true });
        },
        cleanUp: () => rmSync(folder, { recursive: true }),
      };
    },
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock" },
      ...{ wakeUp: true, keys: true, survivesRestart: true },
    },
  });
});
