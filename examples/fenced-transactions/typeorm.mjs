import { DataSource, EntitySchema } from "typeorm";

const Invoice = new EntitySchema({
  name: "invoices",
  columns: { customer: { type: "text", primary: true } },
});

export async function open(url, store) {
  const database = new DataSource({ type: "postgres", url, entities: [Invoice] });
  await database.initialize();
  return {
    bill: (term, customer) =>
      database.transaction(async (manager) => {
        await store.fence((sql) => manager.query(sql), term);
        await manager.insert(Invoice, { customer });
      }),
    close: () => database.destroy(),
  };
}
