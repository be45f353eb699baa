// A fenced transaction with the SQLite library of the runtime: it commits while the term goes on, keeps another
// process out until then, and fails when the term is over.

import { Elector } from "incumbent";
import { SqliteStore } from "incumbent/sqlite";

const [, , file] = process.argv;
// Node.js 22 says that its SQLite is experimental.
process.removeAllListeners("warning");

/** The class of the library, and an open database. */
async function library() {
  if (process.versions.bun !== undefined) return (await import("bun:sqlite")).Database;
  const builtin = process.getBuiltinModule("node:sqlite");
  if (builtin !== undefined) return builtin.DatabaseSync;
  return (await import("better-sqlite3")).default;
}

const Database = await library();
const database = new Database(`${file}.data`);
database.exec(`ATTACH DATABASE '${file}' AS elections`);
const store = new SqliteStore(file, { library: Database });
const elector = new Elector(store, "fence", { ttl: 5_000 });
await elector.start();
const term = await elector.waitForLeadership();

database.exec("CREATE TABLE written (token)");
database.exec("BEGIN");
await store.fence(database, term);
const other = new SqliteStore(file);
const stranger = new Elector(other, "another", { ttl: 5_000 });
const kept = new Promise((resolve) =>
  stranger.on("storeError", ({ error }) => resolve(error.code)),
);
await stranger.start();
console.log(await kept);
await stranger.stop();
database.prepare("INSERT INTO written VALUES (?)").run(term.token);
database.exec("COMMIT");
console.log(Object.values(database.prepare("SELECT count(*) FROM written").get())[0]);

const refusal = async () => {
  try {
    await store.fence(database, term);
    return "passed";
  } catch (error) {
    return error.reason ?? error.code;
  }
};
console.log(await refusal()); // no transaction
await elector.resign();
database.exec("BEGIN");
console.log(await refusal());
database.exec("ROLLBACK");
database.close();
await elector.stop();
await store.close();
await other.close();
