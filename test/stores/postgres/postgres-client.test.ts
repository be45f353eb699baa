import pg from "pg";
import postgresJs from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PostgresClient } from "../../../src/stores/postgres/postgres-client.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { renewRequest, request } from "../../support/requests.ts";
import { win } from "./postgres-stage.ts";

let postgres: PostgresServer;
const stores: PostgresStore[] = [];

beforeAll(async () => {
  postgres = await startPostgres();
  await win(open(postgres.url), "first", { ttl: 100 });
  await postgres.settle();
});
afterEach(() => Promise.all(stores.splice(0).map((store) => store.close())));
afterAll(() => postgres.stop());

/** None of them is connected: they only serve as a pattern. */
const clients: Readonly<Record<string, (url: string) => PostgresClient>> = {
  "a Pool of pg": (connectionString) => new pg.Pool({ connectionString }),
  "a Client of pg": (connectionString) => new pg.Client({ connectionString }),
  "a sql of postgres.js": (url) => postgresJs(url, { transform: postgresJs.camel }),
};

function open(client: PostgresClient | string): PostgresStore {
  const store = new PostgresStore(client);
  stores.push(store);
  return store;
}

describe.each(Object.entries(clients))("%s", (name, make) => {
  test("is copied: the store elects, renews, hears and leaves on a connection of its own", async () => {
    const client = make(postgres.url);
    const [leading, waiting] = [open(client), open(postgres.url)];
    const { asked, token } = await win(leading, name, { ttl: 60_000, metadata: "blue" });
    expect(await leading.renew(renewRequest(asked, token))).toEqual({ renewed: true });
    expect(await waiting.read(request(name))).toMatchObject({ token, metadata: "blue" });
    const [hints, heard]: [string[], string[]] = [[], []];
    leading.watch(name, (hint) => hints.push(hint));
    waiting.watch(name, (hint) => heard.push(hint));
    await waiting.release({ ...request(name), nonce: asked.nonce });
    await expect.poll(() => hints).toContain("released");
    await expect.poll(() => heard).toContain("released");
  });

  test("says that the server is out of reach, and whether the request was sent", async () => {
    const store = open(make("postgres://postgres:hush-hush@127.0.0.1:1/postgres"));
    const error = await store.read(request("job")).catch((reason) => reason);
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" });
    expect(error.message).not.toContain("hush-hush");
  });

  test("opens another connection after one was ended by the server", async () => {
    const store = open(make(postgres.url));
    const { asked, token } = await win(store, `${name} again`, { ttl: 60_000 });
    const ended =
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()";
    await postgres.query(`${ended} AND backend_type = 'client backend'`);
    await expect
      .poll(() => store.renew(renewRequest(asked, token)).catch((error) => error.code))
      .toEqual({ renewed: true });
  });
});
