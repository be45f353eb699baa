import { join } from "node:path";
import Database from "better-sqlite3";
import { onTestFinished } from "vitest";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest } from "../../support/requests.ts";
import { ForgedMachine, temporaryDirectory } from "./forged-machine.ts";

/** Two stores on a file, as two processes have them, a leader, and a database of its own that has the file attached. */
export async function setUp() {
  const machine = new ForgedMachine();
  const folder = temporaryDirectory();
  const path = join(folder, "leader.db");
  const [store, other] = [1, 2].map(() => {
    const made = new SqliteStore(path, { library: Database }, { clock: machine });
    onTestFinished(() => made.close());
    return made;
  }) as [SqliteStore, SqliteStore]; // As many as were mapped.
  const asked = acquireRequest("k");
  const reply = await store.acquire(asked);
  if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
  const database = attached(folder, path);
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE billing (cursor)");
  const rows = () => database.prepare("SELECT cursor FROM billing").pluck().all();
  return { machine, folder, path, store, other, asked, token: reply.token, database, rows };
}

export function attached(
  folder: string,
  path: string,
  options?: Database.Options,
): Database.Database {
  const database = new Database(join(folder, "app.db"), options);
  onTestFinished(() => void database.close());
  database.prepare("ATTACH DATABASE ? AS elections").run(path);
  return database;
}

/** What the call throws, or the promise that it returns is rejected with. */
export async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}
