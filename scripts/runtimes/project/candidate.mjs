// A candidate of the election "office". Resigns at every line on stdin, and stops at its end.

import { createInterface } from "node:readline";
import { Elector } from "incumbent";
import { RedisElector } from "incumbent/redis";
import { SqliteStore } from "incumbent/sqlite";

const [kind, place, key] = process.argv.slice(2);
const options = { ttl: 5000 };

async function open() {
  if (kind === "sqlite") {
    const store = new SqliteStore(place);
    return { elector: new Elector(store, key, options), close: () => store.close() };
  }
  const { Redis } = await import("ioredis");
  const client = new Redis(place);
  return { elector: new RedisElector(client, key, options), close: () => client.quit() };
}

const { elector, close } = await open();
elector.on("storeError", ({ error }) => console.error(error));
elector.onLeadershipChange((isLeader, term) => {
  console.log(`${isLeader ? "elected" : "deposed"} ${term.token}`);
});
await elector.start();
console.log("started");

for await (const _line of createInterface({ input: process.stdin })) {
  console.log(`resigned ${await elector.resign()}`);
}
console.log(`stopped ${await elector.stop()}`);
await close();
