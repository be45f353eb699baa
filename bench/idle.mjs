import { Redis } from "ioredis";
import { Elector } from "../dist/index.js";
import { RedisStore } from "../dist/redis.js";
import { startRedis } from "./redis.mjs";

const TTL = 2000;
const SECONDS = 8;

/** Commands a second that clients send while nothing happens: a leader alone, and with two followers. */
export async function measureIdle() {
  const figures = [];
  for (const [candidates, budget] of [
    [1, 2],
    [3, 4],
  ]) {
    const redis = await startRedis();
    const admin = new Redis(redis.port);
    const stores = Array.from(
      { length: candidates },
      () => new RedisStore(`redis://127.0.0.1:${redis.port}`),
    );
    const electors = stores.map((store) => new Elector(store, "bench", { ttl: TTL }));
    await Promise.all(electors.map((elector) => elector.start()));
    await Promise.any(electors.map((elector) => elector.waitForLeadership()));
    await new Promise((resolve) => setTimeout(resolve, 500));
    await admin.config("RESETSTAT");
    await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
    const sent = requestsIn(await admin.info("commandstats"));
    await Promise.all(electors.map((elector) => elector.stop()));
    await Promise.all(stores.map((store) => store.close()));
    admin.disconnect();
    await redis.stop();
    // A leader must renew once every renewal interval: no package can idle on less.
    const minimum = 1000 / (TTL * 0.3);
    const what = `requests while idle, ${candidates} candidate${candidates === 1 ? "" : "s"}, ttl 2 s`;
    figures.push({ what, ours: sent / SECONDS, minimum, unit: "/s", budget });
  }
  return figures;
}

/** What clients sent; the commands inside a script are its own business. */
function requestsIn(stats) {
  const sent = /cmdstat_(?:evalsha|eval|ping|subscribe|publish):calls=(\d+)/g;
  return [...stats.matchAll(sent)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
