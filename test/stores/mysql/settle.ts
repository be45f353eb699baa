import { MysqlStore } from "../../../src/stores/mysql/mysql-store.ts";
import type { MysqlServer } from "../../support/mysql-server.ts";
import { acquireRequest } from "../../support/requests.ts";

/** Makes it a server that has long been known: no quarantine for new keys. */
export async function settle(server: MysqlServer): Promise<void> {
  const store = new MysqlStore(server.url);
  await store.acquire(acquireRequest("settled"));
  await store.close();
  await server.query("UPDATE incumbent_elections SET since = 1 WHERE `key` = ''");
}
