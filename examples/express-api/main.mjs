// Three instances of the server, and a client that talks to them while the leader is killed.

import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const folder = mkdtempSync(join(tmpdir(), "express-api-"));
const instances = new Map();
for (let count = 0; count < 3; count += 1) {
  const env = { ...process.env, PORT: "0", DATA: folder };
  const instance = fork(new URL("./server.mjs", import.meta.url), [], { env });
  const [url] = await once(instance, "message");
  instances.set(url, instance);
}
process.once("exit", () => {
  for (const instance of instances.values()) instance.kill("SIGKILL");
});

const [anyone] = instances.keys();
const { writtenBy: leader } = await write(anyone, "first note");

const follower = [...instances.keys()].find((url) => url !== leader);
const answer = await post(follower, "second note", "manual");
console.log(`a follower answers ${answer.status}, location: ${answer.headers.get("location")}`);
await write(follower, "second note");

instances.get(leader).kill("SIGKILL");
console.log(`the leader ${leader} is killed`);
await write(follower, "third note");

const notes = await fetch(`${follower}/notes`);
console.log(`every instance reads: ${JSON.stringify(await notes.json())}`);

instances.delete(leader);
for (const instance of instances.values()) instance.kill("SIGTERM");
await Promise.all([...instances.values()].map((instance) => once(instance, "exit")));
rmSync(folder, { recursive: true });

function post(url, text, redirect) {
  return fetch(`${url}/notes`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
    redirect,
  });
}

/** What a client does: follow the redirect, and try again while no process leads. */
async function write(url, text) {
  const asked = performance.now();
  for (;;) {
    const response = await post(url, text, "follow").catch(() => undefined);
    if (response?.status === 201) {
      const note = await response.json();
      const took = Math.round(performance.now() - asked);
      console.log(`"${text}" is written by ${note.writtenBy} after ${took} ms`);
      return note;
    }
    await response?.body?.cancel();
    await sleep(200);
  }
}
