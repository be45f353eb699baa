import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";

export function open(url, store) {
  const database = new Kysely({
    dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }),
  });
  return {
    bill: (term, customer) =>
      database.transaction().execute(async (transaction) => {
        await store.fence((sql) => transaction.executeQuery(CompiledQuery.raw(sql)), term);
        await transaction.insertInto("invoices").values({ customer }).execute();
      }),
    close: () => database.destroy(),
  };
}
