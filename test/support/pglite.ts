import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite, type PGliteOptions } from "@electric-sql/pglite";

/** PGlite in a folder of its own, of which copies in memory can be made: to make it anew takes seconds. */
export interface PgliteFolder {
  readonly database: PGlite;
  /** Another database in memory, as this one was in the beginning. It need not be ready yet. */
  copy(options?: PGliteOptions): PGlite;
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Closes it, and opens its folder again. */
  reopen(): Promise<void>;
  remove(): Promise<void>;
}

export async function startPglite(): Promise<PgliteFolder> {
  const dir = mkdtempSync(join(tmpdir(), "incumbent-pglite-"));
  const data = join(dir, "data");
  let database = await PGlite.create(data);
  const loadDataDir = await database.dumpDataDir("none");
  return {
    get database() {
      return database;
    },
    copy: (options) => new PGlite({ ...options, loadDataDir }),
    query: async (text) => {
      const results = await database.exec(text);
      return results.at(-1)?.rows ?? [];
    },
    reopen: async () => {
      await database.close();
      database = await PGlite.create(data);
    },
    remove: async () => {
      if (!database.closed) await database.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
