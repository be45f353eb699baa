import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { pgTable, text } from "drizzle-orm/pg-core";

const invoices = pgTable("invoices", { customer: text() });

export function open(url, store) {
  const database = drizzle(url);
  return {
    bill: (term, customer) =>
      database.transaction(async (transaction) => {
        await store.fence((statement) => transaction.execute(sql.raw(statement)), term);
        await transaction.insert(invoices).values({ customer });
      }),
    close: () => database.$client.end(),
  };
}
