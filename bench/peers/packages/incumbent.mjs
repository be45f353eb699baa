// Incumbent, from this repository: one client for all elections of the process.

import { Redis } from "ioredis";
import { Elector } from "../../../dist/index.js";
import { RedisStore } from "../../../dist/redis.js";

export const requests = ["evalsha", "eval", "ping", "subscribe", "publish"];

export const renewsEvery = ({ renewal }) => renewal;

export async function open({ port, ttl, renewal }) {
  const store = new RedisStore(new Redis(port));
  return {
    campaign: async (key, { gained, lost }) => {
      const elector = new Elector(store, key, { ttl, renewalInterval: renewal });
      elector.onLeadershipChange((isLeader) => (isLeader ? gained() : lost()));
      await elector.start();
      return { isLeader: () => elector.isLeader(), stop: () => elector.stop() };
    },
  };
}

/** How long the lease lasts, in ms, as the server sees it. */
export async function remaining(redis, key) {
  const [[seconds, microseconds], ends] = await Promise.all([redis.time(), redis.hget(key, "exp")]);
  return Number(ends) / 1000 - (Number(seconds) * 1000 + Number(microseconds) / 1000);
}
