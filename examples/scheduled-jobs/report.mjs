import { setTimeout as sleep } from "node:timers/promises";

const name = process.argv[2];

/** The job: takes 300 ms, and stops when the term ends. */
export async function report({ token, signal }) {
  console.log(`${name} begins, token ${token}`);
  const stopped = await sleep(300, false, { signal }).catch(() => true);
  console.log(`${name} ${stopped ? "stops" : "ends"}`);
}
