// Many electors of one process on one store. It tells its parent what they hear and what it weighs.

import { Elector } from "../../dist/index.js";
import { connect } from "../faults/connect.mjs";

const { name, store: wanted, key, count, options } = JSON.parse(process.argv[2]);
const now = () => Number(process.hrtime.bigint()) / 1e6;
const tell = (from, type, fields) => process.send?.({ from, type, at: now(), ...fields });

process.on("unhandledRejection", (error) => tell(name, "unhandled", { message: String(error) }));

const { store } = await connect(wanted);
const electors = Array.from({ length: count }, (_, index) => {
  const nodeId = `${name}/${index}`;
  const elector = new Elector(store, key, { ...options, nodeId });
  elector.onLeadershipChange((isLeader, term) => {
    const until = now() + term.remaining();
    const says = elector.isLeader();
    tell(nodeId, isLeader ? "elected" : "deposed", { token: term.token, until, says });
  });
  elector.on("renewed", ({ term }) => tell(nodeId, "renewed", { until: now() + term.remaining() }));
  elector.on("storeError", ({ operation, error }) => {
    tell(nodeId, "store-error", { operation, code: error.code, message: error.message });
  });
  return elector;
});

function sample() {
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const resources = process.getActiveResourcesInfo().length;
  tell(name, "sample", { weight: { at: now(), heapUsed, rss, resources } });
}

const commands = {
  resign: async () => {
    await Promise.all(electors.map((elector) => elector.resign()));
  },
  sample,
};
process.on("message", ({ command }) => commands[command]());
process.on("disconnect", () => process.exit());

await Promise.all(electors.map((elector) => elector.start()));
tell(name, "started", {});
