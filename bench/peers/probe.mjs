// Another client of the server: a PING every other millisecond, and how long the answers took.

import { quantile } from "../median.mjs";
import { now } from "./clock.mjs";
import { connect } from "./connect.mjs";

const { port, ms } = JSON.parse(process.argv[2]);
const client = connect(port);
await client.ping();
const took = [];
const until = now() + ms;
while (now() < until) {
  const begun = now();
  await client.ping();
  took.push(now() - begun);
  await new Promise((resolve) => setTimeout(resolve, 2));
}
process.send?.({ p50: quantile(took, 0.5), p99: quantile(took, 0.99) });
client.disconnect();
