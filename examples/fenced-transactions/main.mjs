// The leader writes invoices in fenced transactions, through one library after another.

import { Elector } from "incumbent";
import { PostgresStore } from "incumbent/postgres";
import pg from "pg";
import * as drizzle from "./drizzle.mjs";
import * as knex from "./knex.mjs";
import * as kysely from "./kysely.mjs";
import * as typeorm from "./typeorm.mjs";

const libraries = { Kysely: kysely, Knex: knex, Drizzle: drizzle, TypeORM: typeorm };
const url = process.env.INCUMBENT_STORE || "postgres://postgres@127.0.0.1:5432/postgres";

const client = new pg.Client({ connectionString: url });
await client.connect();
await client.query("CREATE TABLE IF NOT EXISTS invoices (customer text)");

const store = new PostgresStore(url);
const elector = new Elector(store, "billing", { ttl: 2_000 });

await elector.lead(async (term) => {
  // As a leader has it that was paused, and does not know of its successor yet.
  const earlier = { key: term.key, token: term.token - 1, signal: term.signal, remaining: () => 1 };
  for (const [name, library] of Object.entries(libraries)) {
    const { bill, close } = await library.open(url, store);
    await bill(term, name);
    console.log(`${name}: an invoice of the leader is written`);
    await bill(earlier, name).catch((error) => {
      console.log(`${name}: one of an earlier leader is refused, "${error.reason}"`);
    });
    await close();
  }
});

const { rows } = await client.query("SELECT customer FROM invoices");
console.log(`invoices: ${rows.map(({ customer }) => customer).join(", ")}`);
await client.query("DROP TABLE invoices");
await client.end();
await store.close();
