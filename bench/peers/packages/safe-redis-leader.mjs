import { createHash } from "node:crypto";
import { connect } from "../connect.mjs";
import { load } from "../install.mjs";

// It renews in a script, and acquires with SET.
export const use = "As redis-leader, with scripts.";

export const requests = ["eval", "evalsha", "set"];

// It renews after half of the ttl, which is no option.
export const follows = true;

export const crowds = true;

export const renewsEvery = ({ ttl }) => ttl / 2;

export async function open({ port, ttl }) {
  const { createSafeRedisLeader } = load("safe-redis-leader");
  const asyncRedis = connect(port);
  return {
    campaign: async (key, { gained, lost }) => {
      const leader = await createSafeRedisLeader({ asyncRedis, ttl, wait: 1000, key });
      // Its own isLeader asks Redis; what its user can know at once is the last event.
      let leads = false;
      leader.on("elected", () => {
        leads = true;
        gained();
      });
      leader.on("demoted", () => {
        leads = false;
        lost();
      });
      leader.on("error", () => {});
      void leader.elect();
      return { isLeader: () => leads, stop: () => leader.stop() };
    },
  };
}

export function remaining(redis, key) {
  return redis.pttl(`leader:${createHash("sha1").update(key).digest("hex")}`);
}
