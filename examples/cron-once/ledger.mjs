// What the job writes to: a service that keeps the largest token it has seen, and refuses smaller ones.

import { createServer } from "node:http";
import { json } from "node:stream/consumers";

/** Listens on a free port of the loopback. `onRun` hears of each run that was accepted. */
export async function startLedger(onRun) {
  const runs = new Map();
  let seen = 0;

  /** The status of the answer. Nothing is awaited in here: to compare and to write is one step. */
  function record(token, { second, name }) {
    if (!Number.isSafeInteger(token) || token < seen) return 409;
    seen = token;
    if (runs.has(second)) return 200;
    runs.set(second, name);
    onRun({ second, name, token });
    return 201;
  }

  const server = createServer(async (request, response) => {
    const run = await json(request);
    response.writeHead(record(Number(request.headers["fencing-token"]), run)).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => server.close(),
  };
}
