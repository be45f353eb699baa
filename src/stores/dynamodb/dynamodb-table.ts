import { isDenied, storeErrorOf, unfit } from "./dynamodb-errors.ts";
import type { DynamodbClient, DynamodbPackage } from "./dynamodb-package.ts";

/** A table, in DynamoDB's words. */
interface Description {
  readonly Table?: {
    readonly KeySchema?: readonly { readonly AttributeName?: string }[];
    readonly AttributeDefinitions?: readonly {
      readonly AttributeName?: string;
      readonly AttributeType?: string;
    }[];
    readonly Replicas?: readonly object[];
    readonly MultiRegionConsistency?: string;
  };
}

/**
 * Throws a `StoreError` if the table cannot hold leases. A user who may not look is believed: the right to read and
 * write items is enough.
 */
export async function checkTable(
  { DescribeTableCommand }: DynamodbPackage,
  client: DynamodbClient,
  table: string,
): Promise<void> {
  const { signal } = new AbortController();
  const command = new DescribeTableCommand({ TableName: table });
  const { Table } = await client.send(command, { abortSignal: signal }).then(
    (reply) => reply as Description, // As the SDK types it.
    (error): Description => {
      if (isDenied(error)) return {};
      throw storeErrorOf(error, { signal });
    },
  );
  if (Table === undefined) return;
  const { KeySchema, AttributeDefinitions, Replicas = [], MultiRegionConsistency } = Table;
  const names = KeySchema?.map(({ AttributeName }) => AttributeName).join();
  const isText = AttributeDefinitions?.some(
    ({ AttributeName, AttributeType }) => AttributeName === "key" && AttributeType === "S",
  );
  if (names !== "key" || !isText) {
    throw unfit(table, 'must have the partition key "key", a string, and no sort key');
  }
  // The last writer of several regions wins, also over a lease.
  if (Replicas.length > 0 && MultiRegionConsistency !== "STRONG") {
    throw unfit(
      table,
      "has replicas in other regions, which may each elect a leader; use one region",
    );
  }
}
