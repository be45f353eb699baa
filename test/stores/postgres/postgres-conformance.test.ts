import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import { type PostgresServer, startPostgres } from "../../support/postgres-server.ts";
import { acquireRequest } from "../../support/requests.ts";

let postgres: PostgresServer;

beforeAll(async () => {
  postgres = await startPostgres();
});
afterAll(() => postgres.stop());

describe("the PostgreSQL store", () => {
  checkStore(test, {
    setUp: async () => {
      const store = new PostgresStore(postgres.url);
      await store.acquire(acquireRequest("the first on this server"));
      await store.close();
      // One whose memory has long been known: there is no quarantine for new keys.
      await postgres.settle();
      return {
        open: () => new PostgresStore(postgres.url),
        restart: async () => {
          await postgres.kill();
          await postgres.start();
        },
        loseData: async () => {
          await postgres.query("TRUNCATE incumbent_elections, incumbent_elections_fences");
        },
      };
    },
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", wakeUp: true, keys: true },
      ...{ survivesRestart: true, guardsLostData: true },
    },
  });
});
