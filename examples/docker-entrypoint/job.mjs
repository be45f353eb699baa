// An ordinary program: it knows nothing of elections but three variables of its environment.

import { setInterval as every } from "node:timers/promises";

const { INCUMBENT_KEY: key, INCUMBENT_TOKEN: token } = process.env;
console.log(`job of ${key} begins, token ${token}`);

const ended = new AbortController();
process.once("SIGTERM", () => ended.abort()); // This container no longer leads, or is to stop.

try {
  for await (const _ of every(1_000, undefined, { signal: ended.signal })) {
    console.log(`job works, token ${token}`); // Send the token along with whatever is written.
  }
} catch (error) {
  if (!ended.signal.aborted) throw error;
}
console.log(`job has ended in good order, token ${token}`);
