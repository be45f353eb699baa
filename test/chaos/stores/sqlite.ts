import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import Database from "better-sqlite3";
import { ownFolder, startProcess } from "../../support/own-process.ts";
import { candidateFaults } from "../candidate-faults.ts";
import type { ChaosStore } from "../chaos-store.ts";
import { drawDuration, type Fault, faultsOf } from "../fault.ts";
import type { Servers } from "../servers.ts";

/** A file that all candidates have open, and no server. */
class SqliteFile implements Servers {
  readonly port = undefined;
  readonly #folder = ownFolder("sqlite");
  readonly path = join(this.#folder.path, "leader.db");

  address(client: string): object {
    return { kind: "sqlite", client, path: this.path };
  }

  /** This process does something to the file as soon as no other has its lock, and more after `duration`. */
  async meddle(first: string, duration: number, then: string): Promise<void> {
    // It would stand still while it waits, and with it all faults.
    const database = new Database(this.path, { timeout: 0 });
    try {
      await insist(() => database.exec(first));
      await sleep(duration);
      await insist(() => database.exec(then));
    } finally {
      database.close();
    }
  }

  async stop(): Promise<void> {
    this.#folder.remove();
  }
}

/** Again and again while the file is locked: one of the candidates may stand still in a transaction. */
async function insist(deed: () => unknown): Promise<void> {
  for (;;) {
    try {
      deed();
      return;
    } catch (error) {
      if (!(error instanceof Error && /locked/.test(error.message))) throw error;
      await sleep(5);
    }
  }
}

/** Fills what SQLite keeps of a transaction in memory, so that a part of it is in the log when it is killed. */
const WRITES_AND_HALTS = `
  import Database from "better-sqlite3";
  const database = new Database(process.argv[1], { timeout: 60000 });
  database.pragma("cache_size = 1");
  database.exec("BEGIN IMMEDIATE");
  database.prepare("UPDATE elections SET nonce = 'stranger', metadata = ?").run("x".repeat(1000000));
  process.stdout.write("written");
  setInterval(() => {}, 1000);
`;

const file = faultsOf(SqliteFile);

const fileFaults: readonly Fault[] = [
  file("locked by another process", (chance) => {
    const duration = drawDuration(chance);
    return (servers) => servers.meddle("BEGIN EXCLUSIVE", duration, "ROLLBACK");
  }),
  file("read by another process", (chance) => {
    const duration = drawDuration(chance);
    return (servers) =>
      servers.meddle("BEGIN; SELECT count(*) FROM elections", duration, "ROLLBACK");
  }),
  file(
    "checkpoint",
    () => (servers) => servers.meddle("PRAGMA wal_checkpoint(TRUNCATE)", 0, "VACUUM"),
  ),
  file("another process killed while it writes", (chance) => {
    const duration = drawDuration(chance);
    return async ({ path }) => {
      const args = ["--input-type=module", "-e", WRITES_AND_HALTS, path];
      const writer = await startProcess(process.execPath, args, { ready: /written/ });
      await sleep(duration);
      await writer.kill();
    };
  }),
  file("-wal and -shm removed", () => async ({ path }) => {
    for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
  }),
];

export const sqlite: ChaosStore = {
  // That of the runtime, if it has one, and a package share the file.
  clients: ["default", "better-sqlite3", "default", "better-sqlite3", "default"],
  faults: [...candidateFaults, ...fileFaults],
  hasGuard: false,
  start: async () => new SqliteFile(),
};
