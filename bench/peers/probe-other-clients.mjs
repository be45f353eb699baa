import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("probe.mjs", import.meta.url));

/** How long other clients of a Redis server wait for a PING, in ms: `p50` and `p99` over `ms`. */
export async function probe(port, ms) {
  const child = fork(script, [JSON.stringify({ port, ms })]);
  const [figures] = await once(child, "message");
  await once(child, "exit");
  return figures;
}
