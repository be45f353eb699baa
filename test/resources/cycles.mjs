// Starts and stops electors on one store, or on one that they share by themselves, by the thousand, and says
// what is left of them.

import { Elector } from "../../dist/index.js";
import { RedisElector } from "../../dist/redis.js";
import { connect } from "../faults/connect.mjs";

const { store: wanted, sharing, cycles, leaks } = JSON.parse(process.argv[2]);
const OPTIONS = { ttl: 5000 };

/** How many of each kind keep the process alive, after what is being closed has closed. */
async function resources() {
  await new Promise((resolve) => setTimeout(resolve, 200));
  const counts = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

function listeners(client) {
  const names = client?.eventNames() ?? [];
  return names.reduce((sum, name) => sum + client.listenerCount(name), 0);
}

/** In bytes, of what is still needed. */
async function heap() {
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

async function cycle(elector) {
  await elector.start();
  const term = await elector.waitForLeadership();
  const departure = await elector.stop();
  if (!term.signal.aborted || departure !== "confirmed") throw new Error(`stopped: ${departure}`);
}

// Client libraries look at it, and then it counts.
process.stderr.fd;
const bare = await resources();
const { store, client, close } = await connect(wanted);
const make = (key) =>
  sharing ? new RedisElector(sharing, key, OPTIONS) : new Elector(store, key, OPTIONS);
const again = make("again");
// Connections are open from now on, and what is loaded late has been loaded.
for (let count = 0; count < 100; count += 1) await cycle(again);

const before = { resources: await resources(), listeners: listeners(client) };
const heaps = [];
const began = performance.now();
for (let count = 1; count <= cycles; count += 1) {
  const elector = count % 2 === 0 ? again : make("anew");
  await cycle(elector);
  if (leaks) store.watch("again", () => elector);
  if (count % (cycles / 10) === 0) heaps.push(await heap());
}
const took = performance.now() - began;
const after = { resources: await resources(), listeners: listeners(client) };
await close();
console.log(JSON.stringify({ bare, before, after, heaps, took, closed: await resources() }));
