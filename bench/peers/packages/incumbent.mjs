// Incumbent, from this repository: one client for all elections of the process.

import { RedisElector } from "../../../dist/redis.js";
import { connect } from "../connect.mjs";

export const use =
  "One client for all elections of a process; its connections are shared by itself.";

export const requests = ["evalsha", "eval", "ping", "subscribe", "publish"];

export const closely = true;

export const follows = true;

export const crowds = true;

export const most = 1_000_000;

export const renewsEvery = ({ renewal }) => renewal;

export async function open({ port, ttl, renewal }) {
  const client = connect(port);
  return {
    campaign: async (key, { gained, lost }) => {
      const elector = new RedisElector(client, key, { ttl, renewalInterval: renewal });
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
