import { afterAll, beforeAll, describe } from "vitest";
import { EtcdStore } from "../../../src/etcd.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { checkRegister } from "../registers/claims.ts";
import { checkCommand } from "../registers/command.ts";

describe("on an etcd server", () => {
  let server: EtcdServer | undefined;
  const started = () => {
    if (server === undefined) throw new Error("etcd was not started");
    return server;
  };
  beforeAll(async () => {
    [server] = await startEtcd();
  }, 90_000);
  afterAll(() => server?.stop());

  checkRegister({
    port: () => started().port,
    open: (port, restartGuard) => new EtcdStore(`etcd://127.0.0.1:${port}`, { restartGuard }),
    ...{ rivals: 50, rounds: 3 },
  });

  checkCommand(
    () => `${started().url}?restartGuard=false`,
    (url) => new EtcdStore(url),
  );
});
