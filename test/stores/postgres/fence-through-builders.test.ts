import { knex } from "knex";
import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { FencedTerm } from "../../../src/fenced-term.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { acquireRequest } from "../../support/requests.ts";
import { heldTerm } from "../../support/terms.ts";

let server: PostgresServer;
let store: PostgresStore;
let token = 0;

beforeAll(async () => {
  server = await startPostgres();
  store = new PostgresStore(server.url, { restartGuard: false });
  const reply = await store.acquire(acquireRequest("k", { ttl: 600_000 }));
  if (reply.granted) token = reply.token;
});
afterAll(async () => {
  await store.close();
  await server.stop();
});

/** How each fences a transaction, and what it does without one. */
interface Builder {
  transaction(term: FencedTerm): Promise<void>;
  alone(term: FencedTerm): Promise<void>;
}

function kysely(): Builder {
  const database = new Kysely<unknown>({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: server.url }) }),
  });
  onTestFinished(() => database.destroy());
  return {
    transaction: (term) =>
      database
        .transaction()
        .execute((transaction) =>
          store.fence((sql) => transaction.executeQuery(CompiledQuery.raw(sql)), term),
        ),
    alone: (term) => store.fence((sql) => database.executeQuery(CompiledQuery.raw(sql)), term),
  };
}

function knexBuilder(): Builder {
  const database = knex({ client: "pg", connection: server.url });
  onTestFinished(() => database.destroy());
  return {
    transaction: (term) =>
      database.transaction((transaction) => store.fence((sql) => transaction.raw(sql), term)),
    alone: (term) => store.fence((sql) => database.raw(sql), term),
  };
}

function knexItself(): Builder {
  const database = knex({ client: "pg", connection: server.url });
  onTestFinished(() => database.destroy());
  return {
    transaction: (term) => database.transaction((transaction) => store.fence(transaction, term)),
    alone: (term) => store.fence((sql) => database.raw(sql), term),
  };
}

describe.each([
  ["Kysely", kysely],
  ["Knex", knexBuilder],
  ["Knex, given itself", knexItself],
])("a transaction of %s", (_name, make) => {
  test("is fenced by what it has for raw SQL", async () => {
    const builder = make();
    await builder.transaction(heldTerm(token));
    await expect(builder.transaction(heldTerm(token - 1))).rejects.toMatchObject({
      ...{ name: "LeadershipLostError", reason: "superseded" },
    });
  });

  test("is missed outside of one", async () => {
    await expect(make().alone(heldTerm(token))).rejects.toThrow("must have a transaction open");
  });
});
