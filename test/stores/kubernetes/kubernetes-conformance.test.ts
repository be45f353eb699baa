import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { KubernetesServer } from "../../support/kubernetes-server.ts";
import { anyKey, storeOn } from "./stores.ts";

const server = new KubernetesServer();

beforeAll(() => server.start());
afterAll(() => server.stop());

describe("the Kubernetes store", () => {
  checkStore(test, {
    setUp: () => ({
      // Without the guard: the kit takes the lease of an election that never was at once.
      open: () => anyKey(storeOn(server, { restartGuard: false })),
      openAhead: () =>
        anyKey(
          storeOn(
            server,
            { restartGuard: false },
            { time: { now: () => performance.now(), wall: () => Date.now() + 3_600_000 } },
          ),
        ),
      loseData: () => {
        for (const path of [...server.leases.keys()]) server.delete(path);
      },
    }),
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", clock: "observer", granularity: 1000 },
      ...{ wakeUp: true, keys: true, survivesRestart: true },
    },
  });
});
