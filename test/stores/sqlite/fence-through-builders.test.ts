import { join } from "node:path";
import type Database from "better-sqlite3";
import { sql as drizzleSql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { knex } from "knex";
import { Kysely, SqliteDialect, sql } from "kysely";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FencedTerm } from "../../../src/fenced-term.ts";
import { heldTerm } from "../../support/terms.ts";
import { setUp } from "./fence-stage.ts";

type Stage = Awaited<ReturnType<typeof setUp>>;

/** Writes one row in a transaction that is fenced. */
type Write = (term: FencedTerm) => Promise<void>;

function drizzleOf({ store, database }: Stage): Write {
  const orm = drizzle(database);
  return async (term) =>
    orm.transaction((transaction) => {
      void store.fence(database, term);
      transaction.run(drizzleSql`INSERT INTO billing VALUES (1)`);
    });
}

function kyselyOf({ store, database }: Stage): Write {
  const orm = new Kysely<unknown>({ dialect: new SqliteDialect({ database }) });
  return (term) =>
    orm.transaction().execute(async (transaction) => {
      await store.fence(database, term);
      await sql`INSERT INTO billing VALUES (1)`.execute(transaction);
    });
}

function knexOf({ folder, path, store }: Stage): Write {
  const orm = knex({
    client: "better-sqlite3",
    connection: { filename: join(folder, "app.db") },
    useNullAsDefault: true,
    pool: {
      afterCreate: (opened: Database.Database, done: (error: null, opened: unknown) => void) => {
        opened.prepare("ATTACH DATABASE ? AS elections").run(path);
        done(null, opened);
      },
    },
  });
  onTestFinished(() => orm.destroy());
  return (term) =>
    orm.transaction(async (transaction) => {
      const connection: Database.Database = await transaction.client.acquireConnection();
      await store.fence(connection, term);
      await transaction.raw("INSERT INTO billing VALUES (1)");
    });
}

describe.each([
  ["Drizzle", drizzleOf],
  ["Kysely", kyselyOf],
  ["Knex", knexOf],
])("a transaction of %s on better-sqlite3", (_name, make) => {
  test("is fenced by the database below it", async () => {
    const stage = await setUp();
    const write = make(stage);
    await write(heldTerm(stage.token));
    expect(stage.rows()).toEqual([1]);
    const late = write(heldTerm(stage.token - 1));
    await expect(late).rejects.toMatchObject({ reason: "superseded" });
    expect(stage.rows()).toEqual([1]);
  });
});
