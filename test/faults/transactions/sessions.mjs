// Connections of the user's own, as a leader opens them to write.

/** By the kind of database: what `store.fence` gets as `client`, how a statement is run, and how all of it ends. */
export const openings = {
  postgres: async ({ url }) => {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect();
    return {
      client,
      run: (sql) => client.query(sql),
      close: () => void client.end().catch(() => {}),
    };
  },

  mysql: async ({ url }) => {
    const { createConnection } = await import("mysql2/promise");
    const client = await createConnection(url);
    client.on("error", () => {});
    return { client, run: (sql) => client.query(sql), close: () => client.destroy() };
  },

  sqlite: async ({ path, data }) => {
    const { default: Database } = await import("better-sqlite3");
    // Not for long: it blocks the event loop while it waits for a lock.
    const client = new Database(data, { timeout: 100 });
    client.prepare("ATTACH DATABASE ? AS elections").run(path);
    return { client, run: async (sql) => client.exec(sql), close: () => client.close() };
  },
};
