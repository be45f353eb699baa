import { Elector } from "incumbent";
import { SqliteStore } from "incumbent/sqlite";
import { AsyncTask, SimpleIntervalJob, ToadScheduler } from "toad-scheduler";
import { leaderOnly } from "./leader-only.mjs";
import { report } from "./report.mjs";

const [nodeId, file] = process.argv.slice(2);
const options = { ttl: 2000, nodeId, stopOnSignals: true };
const elector = new Elector(new SqliteStore(file), "reports", options);

const job = leaderOnly(elector, report);
const task = new AsyncTask("report", async () => await job(), console.error);
const interval = new SimpleIntervalJob({ seconds: 1 }, task, { preventOverrun: true });
new ToadScheduler().addSimpleIntervalJob(interval);
await elector.start();
