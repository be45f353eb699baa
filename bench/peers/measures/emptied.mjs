import { columns, measureOutages, TTL } from "../outage.mjs";

export { columns };
export const name = "emptied";
export const title = "The store comes back empty";
export const method = `The server is killed and started again after 150 ms, without persistence: Redis has forgotten the lease.
etcd keeps its data, as it always does. All packages at a time.`;

export function run(context) {
  return measureOutages(context, ({ server }) => server.restart(), { after: 3 * TTL });
}
