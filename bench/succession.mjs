import { Redis } from "ioredis";
import { RedisStore } from "../dist/redis.js";
import { handOvers } from "./hand-overs.mjs";
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
  const hand = await byHand(redis.port);
  const minimum = [];
  const ours = await handOvers(stores, ROUNDS, async () => minimum.push(await hand.handOver()));
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
