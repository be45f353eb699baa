// Wins and releases one election after another on a quorum, each for a key of its own, and says what the
// heap has grown by in each round.

import { RedisQuorumStore } from "../../dist/redis-quorum.js";

const { ports, rounds, keys } = JSON.parse(process.argv[2]);
const clock = { now: () => performance.now() };
const store = new RedisQuorumStore(ports.map((port) => `redis://127.0.0.1:${port}`));

/** In bytes, of what is still needed; late answers have come by then. */
async function heap() {
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

async function cycle(number) {
  const nonce = number.toString(16).padStart(32, "0");
  const { signal } = new AbortController();
  const request = { key: `key-${number}`, clock, notAfter: clock.now() + 10_000, signal, nonce };
  const term = { nodeId: "node", metadata: undefined, ttl: 5000 };
  const vote = await store.acquire({ ...request, ...term, above: 0 });
  if (!vote.granted) throw new Error(`refused: ${vote.reason}`);
  const renewal = await store.renew({ ...request, ...term, token: vote.token });
  if (!renewal.renewed) throw new Error(`not renewed: ${renewal.reason}`);
  await store.release(request);
}

const heaps = [];
for (let round = 0; round <= rounds; round += 1) {
  for (let count = 0; count < keys; count += 1) await cycle(round * keys + count);
  heaps.push(await heap());
}
await store.close();
console.log(JSON.stringify(heaps.slice(1).map((after, index) => after - heaps[index])));
