import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { ZookeeperStore } from "../../../src/zookeeper.ts";
import { hourAhead } from "../../support/observed-time.ts";
import { startZookeeper, type ZookeeperServer } from "../../support/zookeeper-server.ts";

let server: ZookeeperServer;

beforeAll(async () => {
  server = await startZookeeper();
});
afterAll(() => server.stop());

describe("the ZooKeeper store", () => {
  // The kit takes the lease of an election that never was at once.
  const options = { restartGuard: false };
  checkStore(test, {
    setUp: () => ({
      open: () => new ZookeeperStore(server.url, options),
      openAhead: () => new ZookeeperStore(server.url, options, hourAhead),
      restart: async () => {
        await server.kill();
        await server.start();
      },
      loseData: async () => {
        await server.kill();
        server.forget();
        await server.start();
      },
    }),
    patience: 20_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", clock: "observer" },
      ...{ wakeUp: true, keys: true, survivesRestart: true },
    },
  });
});
