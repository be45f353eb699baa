import { Cron } from "croner";
import { Elector } from "incumbent";
import { SqliteStore } from "incumbent/sqlite";
import { leaderOnly } from "./leader-only.mjs";
import { report } from "./report.mjs";

const [nodeId, file] = process.argv.slice(2);
const options = { ttl: 2000, nodeId, stopOnSignals: true };
const elector = new Elector(new SqliteStore(file), "reports", options);

new Cron("* * * * * *", { protect: true, catch: console.error }, leaderOnly(elector, report));
await elector.start();
