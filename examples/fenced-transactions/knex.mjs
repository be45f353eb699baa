import knex from "knex";

export function open(url, store) {
  const database = knex({ client: "pg", connection: url });
  return {
    bill: (term, customer) =>
      database.transaction(async (transaction) => {
        await store.fence((sql) => transaction.raw(sql), term);
        await transaction("invoices").insert({ customer });
      }),
    close: () => database.destroy(),
  };
}
