import { createPool as createMariadbPool } from "mariadb";
import { createConnection, createPool, createPoolCluster } from "mysql2";
import { createPool as createPromisePool } from "mysql2/promise";
import { expect, test } from "vitest";
import { settingsReader } from "../../../src/stores/mysql/mysql-client.ts";

const options = {
  host: "db.invalid",
  port: 3307,
  user: "app",
  password: "secret",
  database: "app",
};

test("the settings of a pool of mysql2 are found, and behind its promises as well", async () => {
  const pool = createPool(options);
  const promises = createPromisePool(options);
  for (const client of [pool, pool.promise(), promises]) {
    expect(settingsReader(client)()).toMatchObject(options);
  }
  await pool.promise().end();
  await promises.end();
});

test("the settings of a connection of mysql2 are found, and behind its promises as well", () => {
  const connection = createConnection(options);
  connection.on("error", () => {});
  for (const client of [connection, connection.promise()]) {
    expect(settingsReader(client)()).toMatchObject(options);
  }
  connection.destroy();
});

test("a password that was changed in a pool counts from the next connection on", async () => {
  const pool = createPool(options);
  const read = settingsReader(pool);
  // mysql2 keeps it there, though its types do not say so.
  const { connectionConfig } = pool.config as unknown as { connectionConfig: { password: string } };
  connectionConfig.password = "changed";
  expect(read().password).toBe("changed");
  await pool.promise().end();
});

test("options are taken as they are", () => {
  expect(settingsReader(options)()).toEqual(options);
});

test.each([
  [
    "a pool of mariadb, which hides how it was made",
    () => createMariadbPool(options),
    /options or a URL/,
  ],
  ["several pools", () => createPoolCluster(), /options or a URL/],
  ["nothing", () => undefined, /must be a mysql2 pool/],
  ["an unknown option", () => ({ ...options, pasword: "secret" }), /did you mean "password"/],
  ["a stream that was opened", () => ({ stream: {} }), /stream must be a function/],
])("is refused by name: %s", (_what, make, text) => {
  const client = make();
  expect(() => settingsReader(client)).toThrow(text);
  expect(() => settingsReader(client)).not.toThrow(/secret/);
  if (client !== undefined && "end" in client) void client.end();
});
