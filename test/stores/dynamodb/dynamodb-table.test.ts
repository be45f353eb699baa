import { expect, test } from "vitest";
import type {
  DynamodbClient,
  DynamodbPackage,
} from "../../../src/stores/dynamodb/dynamodb-package.ts";
import { checkTable } from "../../../src/stores/dynamodb/dynamodb-table.ts";

class Command {}

/** A client to which the table is described like this, or that is refused. */
function check(description: () => object): Promise<void> {
  const client: DynamodbClient = { send: async () => ({ Table: description() }), destroy() {} };
  const library: DynamodbPackage = {
    DynamoDBClient: class {
      send = client.send;
      destroy = client.destroy;
    },
    ...{ DescribeTableCommand: Command, GetItemCommand: Command },
    ...{ PutItemCommand: Command, ScanCommand: Command },
  };
  return checkTable(library, client, "incumbent");
}

const table = {
  KeySchema: [{ AttributeName: "key" }],
  AttributeDefinitions: [{ AttributeName: "key", AttributeType: "S" }],
};

test("a table of one region can hold leases", async () => {
  await check(() => ({ ...table, Replicas: [] }));
  await check(() => table);
});

test("a table with replicas in other regions is refused by name", async () => {
  const replicated = { ...table, Replicas: [{ RegionName: "eu-west-1" }] };
  await expect(check(() => replicated)).rejects.toMatchObject({
    ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
    message: expect.stringContaining("has replicas in other regions"),
  });
});

test("a table whose regions agree on every write can hold leases", async () => {
  await check(() => ({ ...table, Replicas: [{}, {}], MultiRegionConsistency: "STRONG" }));
});

test("a user who may not look at the table is believed", async () => {
  await check(() => {
    throw Object.assign(new Error("no"), { name: "AccessDeniedException" });
  });
});
