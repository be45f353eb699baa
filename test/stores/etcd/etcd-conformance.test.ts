import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { EtcdStore } from "../../../src/stores/etcd/etcd-store.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";

const HOUR = 3_600_000;

describe("the etcd store", () => {
  let server: EtcdServer | undefined;

  beforeAll(async () => {
    [server] = await startEtcd();
  }, 90_000);

  afterAll(() => server?.stop());

  checkStore(test, {
    setUp: () => {
      if (server === undefined) throw new Error("etcd was not started");
      const { url, call, kill, start } = server;
      // The kit takes the lease of an election that never was at once.
      const options = { restartGuard: false };
      return {
        open: () => new EtcdStore(url, options),
        openAhead: () =>
          new EtcdStore(url, options, {
            now: () => performance.now(),
            wall: () => Date.now() + HOUR,
          }),
        restart: async () => {
          await kill();
          await start();
        },
        loseData: async () => {
          await call("kv/deleterange", { key: "AA==", range_end: "AA==" });
        },
      };
    },
    patience: 20_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", clock: "observer" },
      ...{ wakeUp: true, keys: true, survivesRestart: true },
    },
  });
});
