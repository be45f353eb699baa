import { Redis } from "ioredis";
import { Elector } from "../dist/index.js";
import { RedisStore } from "../dist/redis.js";
import { median } from "./median.mjs";
import { startRedis } from "./redis.mjs";

const ROUNDS = 40;

/**
 * From a resignation to the next leader, against the least that any client can do on this server: a
 * message from one connection to another, and one script on the second.
 */
export async function measureSuccession() {
  const redis = await startRedis();
  const stores = [0, 1].map(
    () => new RedisStore(`redis://127.0.0.1:${redis.port}`, { restartGuard: false }),
  );
  const electors = stores.map(
    (store) => new Elector(store, "bench", { ttl: 2000, renewalInterval: 100 }),
  );
  await Promise.all(electors.map((elector) => elector.start()));
  await Promise.any(electors.map((elector) => elector.waitForLeadership()));
  const ours = [];
  const minimum = [];
  const hand = await byHand(redis.port);
  for (let round = 0; round < ROUNDS; round += 1) {
    // Who resigned holds off for a renewal interval; then both are candidates again.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const leader = electors.find((elector) => elector.isLeader());
    const follower = electors.find((elector) => elector !== leader);
    const begun = performance.now();
    const elected = follower.waitForLeadership();
    void leader.resign();
    await elected;
    ours.push(performance.now() - begun);
    minimum.push(await hand.handOver());
  }
  await Promise.all(electors.map((elector) => elector.stop()));
  await Promise.all(stores.map((store) => store.close()));
  hand.close();
  await redis.stop();
  return [
    {
      what: "resignation to next leader, median of 40",
      ours: median(ours),
      minimum: median(minimum),
      unit: "ms",
      budget: 10,
    },
  ];
}

async function byHand(port) {
  const [leader, subscriber, follower] = [new Redis(port), new Redis(port), new Redis(port)];
  await subscriber.subscribe("hand");
  const release = "redis.call('DEL', KEYS[1]) redis.call('PUBLISH', 'hand', 'released')";
  return {
    handOver: async () => {
      await leader.set("hand", "leader");
      const begun = performance.now();
      const message = new Promise((resolve) => subscriber.once("message", resolve));
      void leader.eval(release, 1, "hand");
      await message;
      await follower.set("hand", "follower", "PX", 2000, "NX");
      return performance.now() - begun;
    },
    close: () => {
      for (const client of [leader, subscriber, follower]) client.disconnect();
    },
  };
}
