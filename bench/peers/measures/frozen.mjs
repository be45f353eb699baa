import { setTimeout as sleep } from "node:timers/promises";
import { beyond, columns as common, measureOutages, TTL } from "../outage.mjs";

export const columns = [...common, beyond];
export const name = "frozen";
export const title = "The store is frozen";
export const method = `The server is stopped with SIGSTOP for three ttl (6 s) and then continued. No process can be elected
meanwhile, but the leader can go on believing when its lease has ended. All packages at a time.`;

export function run(context) {
  return measureOutages(context, freeze, { after: 3000 });
}

async function freeze(election) {
  const { server } = election;
  const end = await election.leaseEnd();
  server.signal("SIGSTOP");
  await sleep(3 * TTL);
  server.signal("SIGCONT");
  return end;
}
