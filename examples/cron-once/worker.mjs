// One of several processes with the same schedule. Only the leader's job does anything.

import { Cron } from "croner";
import { Elector } from "incumbent";
import { RedisStore } from "incumbent/redis";
import { SqliteStore } from "incumbent/sqlite";

const [name, file, ledger] = process.argv.slice(2);
const redis = process.env.INCUMBENT_STORE;
const store = redis ? new RedisStore(redis) : new SqliteStore(file);

const elector = new Elector(store, "cron-once", { ttl: 2_000, nodeId: name });
await elector.start();

async function report() {
  // Asked at each run, and not remembered from a callback: after a pause, this is what is right.
  const { term } = elector;
  if (term === undefined) return;

  const response = await fetch(ledger, {
    method: "POST",
    headers: { "fencing-token": String(term.token) },
    body: JSON.stringify({ name, second: Math.floor(Date.now() / 1000) }),
    signal: term.signal,
  });
  if (response.status === 409) console.error(`${name}: another process has been elected since`);
}

const job = new Cron(
  "* * * * * *",
  { protect: true, catch: (error) => console.error(error) },
  report,
);

// The parent has gone, or says that this is all.
process.once("disconnect", async () => {
  job.stop();
  await elector.stop();
  await store.close();
});
