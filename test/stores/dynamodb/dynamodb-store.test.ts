import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { DynamodbStore } from "../../../src/dynamodb.ts";
import { type DynamodbServer, startDynamodb } from "../../support/dynamodb-server.ts";
import { hourAhead } from "../../support/observed-time.ts";
import { acquireRequest, request } from "../../support/requests.ts";
import { checkRegister } from "../registers/claims.ts";
import { checkCommand } from "../registers/command.ts";

let server: DynamodbServer;
beforeAll(async () => {
  server = await startDynamodb();
  await server.createTable("incumbent");
  // The SDK looks for them when a URL has none, and it can have none.
  process.env["AWS_ACCESS_KEY_ID"] = "none";
  process.env["AWS_SECRET_ACCESS_KEY"] = "none";
});
afterAll(() => server.stop());

const urlAt = (port: number, more = "") =>
  `dynamodb://incumbent?region=local&endpoint=http://127.0.0.1:${port}${more}`;

/** What comes of asking the store once. */
async function failure(store: DynamodbStore): Promise<unknown> {
  try {
    return await store.acquire(acquireRequest("job")).catch((error) => error);
  } finally {
    await store.close();
  }
}

describe("the DynamoDB store", () => {
  // The kit takes the lease of an election that never was at once.
  const options = { table: "incumbent", restartGuard: false };
  checkStore(test, {
    setUp: () => ({
      open: () => new DynamodbStore(server.settings, options),
      openAhead: () => new DynamodbStore(server.settings, options, hourAhead),
      loseData: () => server.clear("incumbent"),
    }),
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", clock: "observer" },
      ...{ wakeUp: false, keys: true },
    },
  });

  checkRegister({
    port: () => server.port,
    open: (port, restartGuard) => new DynamodbStore(urlAt(port, `&restartGuard=${restartGuard}`)),
    ...{ rivals: 50, rounds: 2 },
  });

  checkCommand(
    () => urlAt(server.port, "&restartGuard=false"),
    (url) => new DynamodbStore(url),
  );
});

describe("a table", () => {
  test("that is missing is named", async () => {
    const error = await failure(new DynamodbStore(server.settings, { table: "none" }));
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
    expect(String(error)).toContain("ResourceNotFound");
  });

  test("with another key is refused by name", async () => {
    await server.createTable("other", {
      KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
      AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
    });
    const error = await failure(new DynamodbStore(server.settings, { table: "other" }));
    expect(error).toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: 'The table "other" must have the partition key "key", a string, and no sort key.',
    });
  });

  test("whose item holds something else leaves it alone", async () => {
    await server.createTable("foreign");
    await server.put("foreign", "job", "something");
    const error = await failure(new DynamodbStore(server.settings, { table: "foreign" }));
    expect(error).toMatchObject({ code: "INCUMBENT_KEY_OCCUPIED", applied: "no" });
  });
});

test("a request that the server fails is not repeated", async () => {
  let requests = 0;
  const { createServer } = await import("node:http");
  const broken = createServer((_, response) => {
    requests += 1;
    response.writeHead(500, { "content-type": "application/x-amz-json-1.0" });
    response.end('{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError"}');
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => broken.once("listening", resolve));
  const { port } = broken.address() as { port: number }; // It listens on a port, not on a pipe.
  const store = new DynamodbStore(urlAt(port));
  try {
    const asked = store.read(request("job"));
    await expect(asked).rejects.toMatchObject({
      code: "INCUMBENT_STORE_REFUSED",
      applied: "maybe",
    });
    expect(requests).toBe(1);
  } finally {
    await store.close();
    broken.closeAllConnections();
    broken.close();
  }
});

describe("refused by name", () => {
  test.each([
    ["dynamodb://", /must be a URL of the form dynamodb:\/\/TABLE\?region=REGION/],
    ["dynamodb://table/x", /must be a URL of the form/],
    ["dynamodb://ab", /^table must be a string of 3 to 255 bytes/],
    ["dynamodb://table?regoin=x", /did you mean "region"/],
    ["dynamodb://table?endpoint=ftp://a", /^parameter "endpoint" must be a URL/],
  ])("%s", (url, message) => {
    expect(() => new DynamodbStore(url)).toThrow(message);
  });

  test("settings without a table", () => {
    expect(() => new DynamodbStore({ region: "local" })).toThrow(/^table must be a string/);
  });

  test("a client in place of its settings", () => {
    // As JavaScript may pass it.
    const client = server.client as object;
    expect(() => new DynamodbStore(client, { table: "incumbent" })).toThrow(
      /^client must be a URL, or the settings that new DynamoDBClient\(\) takes/,
    );
  });
});
