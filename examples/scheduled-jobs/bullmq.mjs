import { once } from "node:events";
import { Queue, Worker } from "bullmq";
import { RedisElector } from "incumbent/redis";
import { report } from "./report.mjs";

const [nodeId, url] = process.argv.slice(2);
const connection = { url };
const elector = new RedisElector(url, "reports", { ttl: 2000, nodeId, stopOnSignals: true });

const queue = new Queue("reports", { connection });
await queue.upsertJobScheduler("each second", { every: 1000 });

await elector.lead(async (term) => {
  const worker = new Worker("reports", () => report(term), { connection });
  await once(term.signal, "abort");
  await worker.close(); // Waits for the job that runs; the lease is kept until then.
});
