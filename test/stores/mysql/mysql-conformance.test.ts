import { afterAll, beforeAll, describe, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import { startMysql } from "../../support/mysql-installed.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { settle } from "./settle.ts";

let server: MysqlServer;

beforeAll(async () => {
  server = await startMysql();
}, 60_000);
afterAll(() => server.stop());

describe.each(["mysql2", "mariadb"])("the MySQL store, by %s", (library) => {
  const scheme = library === "mariadb" ? "mariadb" : "mysql";
  checkStore(test, {
    setUp: async () => {
      await settle(server);
      return {
        open: () => new MysqlStore(server.url.replace("mysql", scheme)),
        restart: async () => {
          await server.kill();
          await server.start();
        },
        loseData: async () => {
          await server.query("TRUNCATE incumbent_elections; TRUNCATE incumbent_elections_fences");
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
