// A candidate of Incumbent for a mixed election: `URL TOKEN NAME ID`. Prints what the one of client-go prints.

import { Elector } from "../../src/index.ts";
import { KubernetesStore } from "../../src/stores/kubernetes/kubernetes-store.ts";
import { configOf } from "../stores/kubernetes/stores.ts";

const [, , url = "", token = "", key = "", nodeId = ""] = process.argv;
const store = new KubernetesStore(configOf({ url, token }));
const elector = new Elector(store, key, { ttl: 3000, nodeId });
elector.onLeadershipChange((isLeader) => {
  process.stdout.write(`${Date.now()} ${nodeId} ${isLeader ? "started" : "stopped"}\n`);
});
process.on("SIGTERM", async () => {
  await elector.stop();
  await store.close();
  process.exit(0);
});
await elector.start();
