import { describe, expect, onTestFinished, test } from "vitest";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { heldTerm } from "../../support/terms.ts";

/** What a client throws if the table of fences is not there, and how Prisma shows its code. */
const failures = {
  PostgreSQL: { thrown: { code: "42P01" }, originalCode: "42P01" },
  MySQL: { thrown: { code: "ER_NO_SUCH_TABLE", errno: 1146 }, originalCode: "1146" },
};

const open = {
  PostgreSQL: () => new PostgresStore("postgres://app@127.0.0.1/app"),
  MySQL: () => new MysqlStore("mysql://app@127.0.0.1/app"),
};

describe.each(["PostgreSQL", "MySQL"] as const)("an error of %s", (database) => {
  const { thrown, originalCode } = failures[database];

  test.each([
    ["its client", thrown],
    ["Drizzle", { cause: thrown }],
    ["TypeORM", { ...thrown, driverError: thrown }],
    ["Prisma", { code: "P2010", meta: { driverAdapterError: { cause: { originalCode } } } }],
  ])("is explained as %s throws it", async (_library, fields) => {
    const store = open[database]();
    onTestFinished(() => store.close());
    const failure = Object.assign(new Error("there is no such table"), fields);
    const fenced = store.fence(() => Promise.reject(failure), heldTerm(1));
    await expect(fenced).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: expect.stringContaining("connect to the database of the elections"),
      cause: failure,
    });
  });
});
