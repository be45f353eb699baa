// A process of its own on the file of the test. It takes what its parent sends as calls of the store, and
// can contend with others for as long as it takes to win some terms.

import { appendFileSync } from "node:fs";
import { SqliteStore } from "../../../dist/sqlite.js";

const [path, log, user] = process.argv.slice(2);
const store = new SqliteStore(path);
if (user !== "") {
  // Only now that everything is loaded: another user may have no right to read the checkout.
  process.setgroups([]);
  process.setgid(Number(user));
  process.setuid(Number(user));
  process.umask(0o022);
}
const clock = { now: () => performance.now() };
const pause = () => new Promise((resolve) => setImmediate(resolve));

function request(nonce) {
  const attempt = { key: "k", clock, notAfter: clock.now() + 10_000, nonce };
  const signal = new AbortController().signal;
  return {
    ...attempt,
    signal,
    nodeId: `${process.pid}`,
    metadata: undefined,
    ttl: 600_000,
    above: 0,
  };
}

/** Repeats what fails because another process has the lock. */
async function insist(ask) {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (error.code !== "INCUMBENT_STORE_UNAVAILABLE" || error.applied !== "no") throw error;
    }
  }
}

async function contend(terms) {
  for (let won = 0, attempt = 0; won < terms; attempt += 1) {
    const mine = request(`${process.pid}-${attempt}`);
    const reply = await insist(() => store.acquire(mine));
    if (reply.granted) {
      won += 1;
      appendFileSync(log, `begin ${reply.token}\n`);
      await pause();
      const renewed = await insist(() => store.renew({ ...mine, token: reply.token }));
      appendFileSync(log, `${renewed.renewed ? "end" : "lost"} ${reply.token}\n`);
      await insist(() => store.release(mine));
    }
    await pause();
  }
}

async function carryOut({ call, nonce, terms, fields }) {
  if (call === "contend") return contend(terms);
  if (call === "close") return store.close();
  return store[call]({ ...request(nonce), token: 0, ...fields });
}

process.on("message", async (call) => {
  try {
    process.send({ answer: await carryOut(call) });
  } catch (error) {
    process.send({ failed: error.message });
  }
  // With nothing left open it ends by itself.
  if (call.call === "close") process.disconnect();
});
process.on("disconnect", () => store.close());
process.send({});
