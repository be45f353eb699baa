import { afterAll, beforeAll, describe } from "vitest";
import { ZookeeperStore } from "../../../src/zookeeper.ts";
import { startZookeeper, type ZookeeperServer } from "../../support/zookeeper-server.ts";
import { checkRegister } from "../registers/claims.ts";
import { checkCommand } from "../registers/command.ts";

let server: ZookeeperServer;
beforeAll(async () => {
  server = await startZookeeper();
});
afterAll(() => server.stop());

describe("on a server of ZooKeeper", () => {
  checkRegister({
    port: () => server.port,
    open: (port, restartGuard) =>
      new ZookeeperStore(`zookeeper://127.0.0.1:${port}`, { restartGuard }),
    ...{ rivals: 50, rounds: 4 },
  });
  checkCommand(
    () => `${server.url}?restartGuard=false`,
    (url) => new ZookeeperStore(url),
  );
});
