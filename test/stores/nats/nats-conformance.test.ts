import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { NatsStore } from "../../../src/nats.ts";
import { type NatsServer, startNats } from "../../support/nats-server.ts";
import { hourAhead } from "../../support/observed-time.ts";
import { deleteBucket } from "./bucket.ts";

let server: NatsServer;

beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

describe("the NATS store", () => {
  // The kit takes the lease of an election that never was at once.
  const options = { restartGuard: false };
  checkStore(test, {
    setUp: () => ({
      open: () => new NatsStore(server.url, options),
      openAhead: () => new NatsStore(server.url, options, hourAhead),
      restart: async () => {
        await server.kill();
        await server.start();
      },
      loseData: () => deleteBucket(server.url),
    }),
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", clock: "observer" },
      ...{ wakeUp: true, keys: true, survivesRestart: true },
    },
  });
});
