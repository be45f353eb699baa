import { setTimeout as sleep } from "node:timers/promises";
import { beyond, columns as common, measureOutages, TTL } from "../outage.mjs";

export const columns = [...common, beyond];
export const name = "swallowed";
export const title = "The leader's connection is swallowed";
export const method = `Each of three processes reaches the server through a proxy. The leader's forwards nothing for three ttl
(6 s), with its connections open, and then delivers what was sent meanwhile. For how long do two processes
believe that they lead? All packages at a time.`;

export const plots = [
  {
    ...{ file: "swallowed", key: "overlap", unit: "ms, median", digits: 0 },
    title: "Two leaders while the leader's connection is swallowed for 6 s",
  },
];

export function run(context) {
  return measureOutages(context, swallow, { proxied: true, after: 1500 });
}

async function swallow(election) {
  const proxy = election.proxyOf(election.leader);
  proxy.silence();
  const end = await election.leaseEnd();
  await sleep(3 * TTL);
  proxy.speak();
  return end;
}
