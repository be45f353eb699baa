import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { RedlockMutex } from "redis-semaphore";
import Redlock from "redlock";
import { RedisStore } from "../dist/redis.js";
import { RedisQuorumStore } from "../dist/redis-quorum.js";
import { handOvers } from "./hand-overs.mjs";
import { median } from "./median.mjs";
import { startRedis } from "./redis.mjs";

const SERVERS = 5;
const ROUNDS = 400;
const HAND_OVERS = 30;
const TTL = 10_000;

/** Five servers against one, and beside two libraries of locks on the same five. */
export async function measureQuorum() {
  const servers = await Promise.all(Array.from({ length: SERVERS }, () => startRedis()));
  const urls = servers.map(({ port }) => `redis://127.0.0.1:${port}`);
  const clients = servers.map(({ port }) => new Redis(port));
  const options = { restartGuard: false };
  const rows = [
    ...(await measureRequests(urls, clients, options)),
    await measureHandOvers(urls, clients, options),
  ];
  for (const client of clients) client.disconnect();
  await Promise.all(servers.map((server) => server.stop()));
  return rows;
}

/** Round by round in turn, so that whatever else the machine does happens to all. */
async function measureRequests(urls, clients, options) {
  const one = new RedisStore(urls[0], options);
  const five = new RedisQuorumStore(urls, options);
  const redlock = new Redlock(clients, { retryCount: 0 });
  const subjects = {
    one: ours(one, "one"),
    five: ours(five, "five"),
    "redlock 4.2": {
      acquire: () => redlock.lock("redlock", TTL),
      renew: (lock) => lock.extend(TTL),
      release: (lock) => lock.unlock(),
    },
    "redis-semaphore 5.8": {
      acquire: async () => {
        const mutex = new RedlockMutex(clients, "semaphore", {
          lockTimeout: TTL,
          refreshInterval: 0,
        });
        await mutex.acquire();
        return mutex;
      },
      // Its own, that a timer calls.
      renew: (mutex) => mutex._refresh(),
      release: (mutex) => mutex.release(),
    },
  };
  const took = Object.keys(subjects).map((name) => [name, { acquire: [], renew: [] }]);
  const times = Object.fromEntries(took);
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, subject] of Object.entries(subjects)) {
      const acquired = await timed(times[name].acquire, () => subject.acquire());
      const renewed = await timed(times[name].renew, () => subject.renew(acquired));
      await subject.release(renewed?.extend ? renewed : acquired);
    }
  }
  await Promise.all([one.close(), five.close()]);
  return [
    row("acquire, five servers against one", times, "acquire"),
    row("renewal, five servers against one", times, "renew"),
  ];
}

function row(what, { one, five, ...others }, part) {
  const beside = Object.fromEntries(
    Object.entries(others).map(([name, times]) => [name, median(times[part])]),
  );
  const figures = { ours: median(five[part]), minimum: median(one[part]) };
  return { what, ...figures, unit: "ms", budget: 10, beside };
}

function ours(store, key) {
  const clock = performance;
  const request = () => ({
    ...{ key, clock, notAfter: clock.now() + TTL, ttl: TTL, nodeId: "bench" },
    signal: new AbortController().signal,
  });
  return {
    acquire: async () => {
      const nonce = randomBytes(16).toString("hex");
      const reply = await store.acquire({ ...request(), nonce, above: 0 });
      if (!reply.granted) throw new Error(`refused: ${reply.reason}`);
      return { nonce, token: reply.token };
    },
    renew: async (attempt) => {
      const reply = await store.renew({ ...request(), ...attempt });
      if (!reply.renewed) throw new Error(`not renewed: ${reply.reason}`);
    },
    release: (attempt) => store.release({ ...request(), ...attempt }),
  };
}

async function timed(times, act) {
  const begun = performance.now();
  const result = await act();
  times.push(performance.now() - begun);
  return result;
}

/** From giving up to the next one who has it. */
async function measureHandOvers(urls, clients, options) {
  const stores = [0, 1].map(() => new RedisQuorumStore(urls, options));
  const singles = [0, 1].map(() => new RedisStore(urls[0], options));
  const redlock = new Redlock(clients, { retryCount: -1 });
  const waiting = () => new Promise((resolve) => setTimeout(resolve, 20));
  const byRedlock = [];
  const bySemaphore = [];
  const five = await handOvers(stores, HAND_OVERS, async () => {
    const lock = await redlock.lock("hand-over", TTL);
    const next = redlock.lock("hand-over", TTL);
    await waiting();
    await timed(byRedlock, async () => {
      await lock.unlock();
      await next;
    });
    await (await next).unlock();

    const mutexes = [0, 1].map(
      () => new RedlockMutex(clients, "hand-over-2", { lockTimeout: TTL }),
    );
    await mutexes[0].acquire();
    const acquired = mutexes[1].acquire();
    await waiting();
    await timed(bySemaphore, async () => {
      await mutexes[0].release();
      await acquired;
    });
    await mutexes[1].release();
  });
  const one = await handOvers(singles, HAND_OVERS);
  await Promise.all([...stores, ...singles].map((store) => store.close()));
  const beside = { "redlock 4.2": median(byRedlock), "redis-semaphore 5.8": median(bySemaphore) };
  const figures = { ours: median(five), minimum: median(one), unit: "ms", budget: 50 };
  return { what: "hand-over, five servers against one", ...figures, beside };
}
