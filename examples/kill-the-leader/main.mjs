// Three processes, one leader. It is killed, the next one too, and each time another takes over.

import { fork } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const began = performance.now();
const say = (text) => {
  const seconds = ((performance.now() - began) / 1000).toFixed(2);
  console.log(`${seconds.padStart(6)} s  ${text}`);
};

const folder = mkdtempSync(join(tmpdir(), "kill-the-leader-"));
const elections = new EventEmitter();
const workers = new Map();

say("starting one, two and three");
for (const name of ["one", "two", "three"]) {
  const script = new URL("./worker.mjs", import.meta.url);
  const worker = fork(script, [name, join(folder, "leases.db")]);
  worker.on("message", (election) => elections.emit("elected", election));
  workers.set(name, worker);
}

let [leader] = await once(elections, "elected");
say(`${leader.name} leads, token ${leader.token}`);

while (workers.size > 1) {
  await sleep(1_000);
  const elected = once(elections, "elected");
  workers.get(leader.name).kill("SIGKILL");
  workers.delete(leader.name);
  const killed = performance.now();
  say(`${leader.name} is killed: no process leads until its lease has ended`);

  [leader] = await elected;
  const gap = Math.round(performance.now() - killed);
  say(`${leader.name} leads, token ${leader.token}, ${gap} ms after the kill`);
}

const [last] = workers.values();
last.disconnect();
await once(last, "exit");
say(`${leader.name} has stopped and given its lease back`);
rmSync(folder, { recursive: true });
