import { afterAll, beforeAll, expect, test } from "vitest";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { differences } from "./differential.ts";

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

test("the statements decide as the rules do, in 50,000 random requests", async () => {
  for (let hundred = 0; hundred < 10; hundred += 1) {
    const seeds = Array.from({ length: 100 }, (_, at) => 10_000 + 100 * hundred + at);
    expect(await differences(postgres.url, { seeds, moves: 50 })).toEqual([]);
  }
}, 1_200_000);
