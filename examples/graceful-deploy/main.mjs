// A rolling restart: three processes of version 1 are replaced, one by one, by version 2.

import { fork } from "node:child_process";
import { EventEmitter, on, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const folder = mkdtempSync(join(tmpdir(), "graceful-deploy-"));
const messages = new EventEmitter();
const gaps = [];
let leader;
let stoppedAt = 0;
let drainedAt = 0;

messages.on("leads", ({ name, at }) => {
  leader = name;
  if (drainedAt === 0) return console.log(`${name} leads`);
  gaps.push(at - drainedAt);
  console.log(`${name} leads, ${at - drainedAt} ms later`);
});
messages.on("drained", ({ name, at }) => {
  drainedAt = at;
  console.log(`${name} finished its job ${at - stoppedAt} ms after SIGTERM`);
});

const places = ["a", "b", "c"];
const before = [];
for (const place of places) before.push(await start(`${place}-v1`));

const after = [];
for (const [index, place] of places.entries()) {
  await sleep(500);
  after.push(await start(`${place}-v2`));
  await stop(before[index]);
}

console.log(`handovers: ${gaps.length}, the longest without a leader: ${Math.max(...gaps)} ms`);
for (const { process } of after) process.disconnect();
await Promise.all(after.map(({ process }) => once(process, "exit")));
rmSync(folder, { recursive: true });

/** Resolves when the process can succeed. */
async function start(name) {
  const script = new URL("./worker.mjs", import.meta.url);
  const process = fork(script, [name, join(folder, "leases.db")]);
  process.on("message", (message) => messages.emit(message.event, message));
  for await (const [message] of on(messages, "ready")) if (message.name === name) break;
  return { name, process };
}

async function stop({ name, process }) {
  console.log(`SIGTERM to ${name}`);
  stoppedAt = Date.now();
  const succeeded = name === leader ? once(messages, "leads") : undefined;
  process.kill("SIGTERM");
  await once(process, "exit");
  await succeeded;
}
