// A rolling restart: three processes of version 1 are replaced, one by one, by version 2.

import { fork } from "node:child_process";
import { EventEmitter, on, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const folder = mkdtempSync(join(tmpdir(), "graceful-deploy-"));
const messages = new EventEmitter();
messages.setMaxListeners(0);
const gaps = [];
let stoppedAt = 0;
let drainedAt = 0;

messages.on("leads", ({ name, at }) => {
  if (drainedAt === 0) return console.log(`${name} leads`);
  gaps.push(at - drainedAt);
  console.log(`${name} leads, ${at - drainedAt} ms later`);
});
messages.on("drained", ({ name, at }) => {
  drainedAt = at;
  console.log(`${name} finished its job ${at - stoppedAt} ms after SIGTERM`);
});

let workers = [];
for (const place of ["a", "b", "c"]) workers.push(await start(`${place}-v1`));

const replaced = [];
for (const old of workers) {
  await sleep(500);
  replaced.push(await start(old.name.replace("v1", "v2")));
  await stop(old);
}
workers = replaced;

console.log(`the office changed hands ${gaps.length} times; longest gap: ${Math.max(...gaps)} ms`);
for (const { process } of workers) process.disconnect();
await Promise.all(workers.map(({ process }) => once(process, "exit")));
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
  process.kill("SIGTERM");
  await once(process, "exit");
}
