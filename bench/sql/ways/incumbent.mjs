import { randomBytes } from "node:crypto";

const TTL = 3_600_000;

const clock = { now: () => performance.now() };

/** The store itself, with its defaults. `settle` makes the server one that has long been known. */
export async function asIncumbent(store, keys, settle) {
  const held = new Map();
  const attempt = (key) => ({
    ...{ key, clock, notAfter: clock.now() + 10_000, signal: new AbortController().signal },
    ...{ nonce: randomBytes(16).toString("hex"), nodeId: "bench", metadata: undefined, ttl: TTL },
  });
  const acquire = async (key) => {
    const request = attempt(key);
    const reply = await store.acquire({ ...request, above: 0 });
    if (reply.granted) held.set(key, { ...request, token: reply.token });
    return reply;
  };
  const renew = async (key) => {
    const reply = await store.renew({ ...held.get(key), notAfter: clock.now() + 10_000 });
    if (!reply.renewed) throw new Error(`the lease of ${key} was lost: ${reply.reason}`);
  };
  await Promise.all(keys.map(acquire));
  await settle();
  for (const reply of await Promise.all(keys.map(acquire))) {
    if (!reply.granted) throw new Error(`not elected: ${reply.reason}`);
  }
  return {
    name: "Incumbent",
    use: "The store with its defaults, or two electors.",
    acquire: () => acquire(keys[0]),
    renew: () => renew(keys[0]),
    release: () => store.release({ ...held.get(keys[0]), notAfter: clock.now() + 10_000 }),
    renewMany: (some) => Promise.all(some.map(renew)),
    close: () => store.close(),
  };
}
