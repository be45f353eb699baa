import { Elector } from "incumbent";
import { SqliteStore } from "incumbent/sqlite";
import { schedule } from "node-cron";
import { report } from "./report.mjs";

const [nodeId, file] = process.argv.slice(2);
const options = { ttl: 2000, nodeId, stopOnSignals: true };
const elector = new Elector(new SqliteStore(file), "reports", options);

let running;
elector.onLeadershipChange((isLeader) => (isLeader ? undefined : running)); // The lease is kept until it has ended.

const runCoordinator = {
  // The key ends in the time of the run. One before the term was the occasion of another leader.
  shouldRun: (key) => elector.isLeader() && new Date(key.slice(-24)) >= elector.term.since,
};
const task = { name: "reports", distributed: true, noOverlap: true, runCoordinator };
schedule(
  "* * * * * *",
  () => {
    const { term } = elector; // Asked once more: node-cron has awaited the coordinator.
    running = term && report(term);
    return running;
  },
  task,
);
await elector.start();
