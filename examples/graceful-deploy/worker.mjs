// A program that only the leader runs. On SIGTERM it finishes the job at hand and hands leadership over.

import { setTimeout as sleep } from "node:timers/promises";
import { Elector, isIncumbentError } from "incumbent";
import { RedisStore } from "incumbent/redis";
import { SqliteStore } from "incumbent/sqlite";

const [name, file] = process.argv.slice(2);
const redis = process.env.INCUMBENT_STORE;
const store = redis ? new RedisStore(redis) : new SqliteStore(file);

const elector = new Elector(store, "graceful-deploy", {
  ttl: 5_000,
  nodeId: name,
  drainTimeout: 10_000, // Longer than the longest job, shorter than the patience of who sends SIGKILL.
});
process.once("SIGTERM", () => elector.stop());
process.once("disconnect", () => elector.stop());

const report = (event) => process.connected && process.send({ name, event, at: Date.now() });

// It leads or has seen who does: from now on it can succeed, and the old process may go.
const unregister = elector.on("leaderChanged", () => {
  report("ready");
  unregister();
});

try {
  await elector.lead(async (term) => {
    report("leads");
    while (!term.signal.aborted) await job();
    report("drained");
  });
} catch (error) {
  if (!isIncumbentError(error) || error.code !== "INCUMBENT_STOPPED") throw error;
}
await store.close();
if (process.connected) process.disconnect();

/** A job that must not be cut in two, so it does not look at the signal. */
async function job() {
  await sleep(400);
}
