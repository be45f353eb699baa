import { describe, expect, test } from "vitest";
import type { Driver } from "../../../src/stores/connections/driver.ts";
import { sessionsOf } from "../../../src/stores/mysql/mysql-session.ts";

interface Manner {
  readonly variables?: Readonly<Record<string, string>>;
  readonly clock?: readonly [string, string];
}

/** A server that says of itself what a test wants, and what it was sent. */
function serverWith({ variables = {}, clock = ["1", "2"] }: Manner) {
  const sent: string[] = [];
  const rowsFor = (sql: string) => {
    if (sql.startsWith("SHOW")) {
      const all = { version: "9.7.4", ...variables };
      return Object.entries(all).map(([name, value]) => ({ Variable_name: name, Value: value }));
    }
    return sql.includes("SLEEP") ? [{ before_it: clock[0], after_it: clock[1] }] : [];
  };
  const driver: Driver<string> = {
    connect: async () => {},
    send: async (sql) => {
      sent.push(sql);
      return { rows: rowsFor(sql), affected: 0, insertId: 0 };
    },
    end: () => {},
  };
  return { driver, sent };
}

async function connect(manner: Manner, allowMultiPrimary = false): Promise<readonly string[]> {
  const { driver, sent } = serverWith(manner);
  await sessionsOf(() => driver, { allowMultiPrimary })({ lost: () => {} }).connect();
  return sent;
}

const galera = { wsrep_on: "ON", wsrep_provider: "/usr/lib/galera/libgalera_smm.so" };
const group = {
  group_replication_single_primary_mode: "OFF",
  group_replication_group_name: "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa",
};

describe("a session", () => {
  test.each([
    ["a node of a Galera cluster", { variables: galera }, /Galera.*allowMultiPrimary/],
    ["a group with several primaries", { variables: group }, /several primaries.*allowMulti/],
    ["a clock that stands still", { clock: ["1", "1"] } as const, /--sysdate-is-now/],
    [
      "a log of statements",
      { variables: { log_bin: "ON", binlog_format: "STATEMENT" } },
      /set binlog_format to ROW or MIXED/,
    ],
  ])("is refused by name on %s", async (_what, manner, text) => {
    await expect(connect(manner)).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      applied: "no",
      message: expect.stringMatching(text),
    });
  });

  test.each([
    ["a node of a Galera cluster", galera],
    ["a group with several primaries", group],
  ])("is made on %s that the user has allowed", async (_what, variables) => {
    await expect(connect({ variables }, true)).resolves.not.toHaveLength(0);
  });

  test.each([
    ["Galera without a provider", { wsrep_on: "ON", wsrep_provider: "none" }],
    ["a group with one primary", { ...group, group_replication_single_primary_mode: "ON" }],
    ["a log of statements that is not written", { log_bin: "OFF", binlog_format: "STATEMENT" }],
  ])("is made on a server with %s", async (_what, variables) => {
    await expect(connect({ variables })).resolves.not.toHaveLength(0);
  });

  test("lets the server say who it is, by what each of the two has", async () => {
    const mysql = await connect({});
    expect(mysql.at(-1)).toMatch(/@@server_uuid.*performance_schema\.global_status/);
    const mariadb = await connect({
      variables: { version: "10.11.19-MariaDB", server_uid: "x" },
    });
    expect(mariadb.at(-1)).toMatch(/@@hostname.*@@server_uid.*information_schema\.global_status/);
  });
});
