import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DynamodbStore } from "../../../src/dynamodb.ts";
import { type DynamodbServer, startDynamodb } from "../../support/dynamodb-server.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";

let server: DynamodbServer;
beforeAll(async () => {
  server = await startDynamodb();
  await server.createTable("incumbent");
  await server.createTable("sorted", {
    KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  });
});
afterAll(() => server.stop());

async function diagnose(table: string, endpoint?: string) {
  const { settings } = server;
  const store = new DynamodbStore({ ...settings, ...(endpoint && { endpoint }) }, { table });
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

test("a sound table has nothing but ok, and no item is put into it", async () => {
  const findings = await diagnose("incumbent");
  expect(troubles(findings)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(["reachable", "reachable", "rights"]);
  const { Count } = await server.client.send(new ScanCommand({ TableName: "incumbent" }));
  expect(Count).toBe(0);
});

test.each([
  ["missing", /ResourceNotFound/],
  ["sorted", /must have the partition key "key"/],
])("a table that is %s is one finding", async (table, says) => {
  const findings = await diagnose(table);
  expect(troubles(findings)).toEqual(["error reachable"]);
  expect(findings[0]?.says).toMatch(says);
});

test("an endpoint that is not there is one finding", async () => {
  const findings = await diagnose("incumbent", `http://127.0.0.1:${await freePort()}`);
  expect(troubles(findings)).toEqual(["error reachable"]);
});
