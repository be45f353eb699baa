// Three processes with one cron job: each second one of them runs it. The one that does is killed.

import { fork } from "node:child_process";
import { EventEmitter, on, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLedger } from "./ledger.mjs";

const folder = mkdtempSync(join(tmpdir(), "cron-once-"));
const runs = new EventEmitter();
const accepted = on(runs, "run");
const ledger = await startLedger((run) => runs.emit("run", run));

const workers = new Map();
for (const name of ["one", "two", "three"]) {
  const script = new URL("./worker.mjs", import.meta.url);
  workers.set(name, fork(script, [name, join(folder, "leases.db"), ledger.url]));
}

const first = await threeRuns();
workers.get(first.name).kill("SIGKILL");
console.log(`${first.name} is killed`);
workers.delete(first.name);

const second = await threeRuns();
console.log(`seconds without a run: ${second.second - first.second - 3}`);

// What a killed or paused leader had sent may arrive now. Its token is too old.
const { status } = await fetch(ledger.url, {
  method: "POST",
  headers: { "fencing-token": String(first.token) },
  body: JSON.stringify({ name: first.name, second: second.second + 1 }),
});
console.log(`a late write of ${first.name} with its token ${first.token}: ${status}`);

for (const worker of workers.values()) worker.disconnect();
await Promise.all([...workers.values()].map((worker) => once(worker, "exit")));
ledger.close();
rmSync(folder, { recursive: true });

/** Prints the next three runs and resolves with the last of them. */
async function threeRuns() {
  let run;
  for (let count = 0; count < 3; count += 1) {
    ({
      value: [run],
    } = await accepted.next());
    const time = new Date(run.second * 1000).toISOString().slice(11, 19);
    console.log(`${time}  run by ${run.name}, token ${run.token}`);
  }
  return run;
}
