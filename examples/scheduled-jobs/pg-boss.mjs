import { once } from "node:events";
import { PostgresElector } from "incumbent/postgres";
import PgBoss from "pg-boss";
import { report } from "./report.mjs";

const [nodeId, url] = process.argv.slice(2);
const elector = new PostgresElector(url, "reports", { ttl: 2000, nodeId, stopOnSignals: true });

await elector.lead(async (term) => {
  const boss = new PgBoss(url);
  await boss.start();
  await boss.createQueue("reports");
  await boss.schedule("reports", "* * * * *"); // The shortest interval of pg-boss is a minute.
  await boss.work("reports", { pollingIntervalSeconds: 0.5 }, () => report(term));
  if (process.env.SEND_AT_ONCE) await boss.insert([{ name: "reports" }, { name: "reports" }]);
  await once(term.signal, "abort");
  await boss.stop(); // Waits for the job that runs; the lease is kept until then.
});
