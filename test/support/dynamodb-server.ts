import { once } from "node:events";
import type { AddressInfo } from "node:net";
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DeleteItemCommand,
  DynamoDBClient,
  type DynamoDBClientConfig,
  PutItemCommand,
  ScanCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

/** An imitation of DynamoDB in this process, on a free port of the loopback. */
export interface DynamodbServer {
  readonly port: number;
  /** Its endpoint, and keys that it does not check. */
  readonly settings: DynamoDBClientConfig;
  readonly client: DynamoDBClient;
  /** Makes a table as the store needs one, unless `input` says otherwise. */
  createTable(name: string, input?: Partial<CreateTableCommandInput>): Promise<void>;
  /** Deletes all items of a table. */
  clear(table: string): Promise<void>;
  put(table: string, key: string, text: string): Promise<void>;
  stop(): Promise<void>;
}

export async function startDynamodb(): Promise<DynamodbServer> {
  const server = dynalite({ createTableMs: 0 }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on a port, not on a pipe.
  const credentials = { accessKeyId: "none", secretAccessKey: "none" };
  const settings = { endpoint: `http://127.0.0.1:${port}`, region: "local", credentials };
  const client = new DynamoDBClient(settings);
  return {
    port,
    settings,
    client,
    createTable: async (TableName, input = {}) => {
      await client.send(
        new CreateTableCommand({
          TableName,
          KeySchema: [{ AttributeName: "key", KeyType: "HASH" }],
          AttributeDefinitions: [{ AttributeName: "key", AttributeType: "S" }],
          BillingMode: "PAY_PER_REQUEST",
          ...input,
        }),
      );
      // It takes no item before it is active. Delays are in s.
      const waiting = { client, maxWaitTime: 20, minDelay: 0.01, maxDelay: 0.1 };
      await waitUntilTableExists(waiting, { TableName });
    },
    clear: async (TableName) => {
      const { Items = [] } = await client.send(new ScanCommand({ TableName }));
      for (const { key } of Items) {
        if (key !== undefined)
          await client.send(new DeleteItemCommand({ TableName, Key: { key } }));
      }
    },
    put: async (TableName, key, text) => {
      const Item = { key: { S: key }, record: { S: text } };
      await client.send(new PutItemCommand({ TableName, Item }));
    },
    stop: async () => {
      client.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
