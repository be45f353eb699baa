import { connect } from "../connect.mjs";
import { load } from "../install.mjs";

export const use =
  "Renews after half of the ttl, polls every second. Its `isLeader` asks Redis, so its last event counts.";

export { remaining, renewsEvery } from "./safe-redis-leader.mjs";

// It has no scripts.
export const requests = ["get", "set", "pexpire", "del"];

export async function open({ port, ttl }) {
  const Leader = load("redis-leader");
  const client = connect(port);
  return {
    campaign: async (key, { gained, lost }) => {
      const leader = new Leader(client, { key, ttl });
      // Its own isLeader asks Redis; what its user can know at once is the last event.
      let leads = false;
      leader.on("elected", () => {
        leads = true;
        gained();
      });
      leader.on("revoked", () => {
        leads = false;
        lost();
      });
      leader.on("error", () => {});
      leader.elect();
      return { isLeader: () => leads, stop: async () => leader.stop() };
    },
  };
}
