import { Elector } from "../../elector/elector.ts";
import { exitCodes } from "../exit-codes.ts";
import { openStore } from "../open-store.ts";
import { type FromCandidate, sharedNow, type ToCandidate } from "./messages.ts";

const LOOK_EVERY = 5;

/** One candidate of the demo: a process of its own that sends all it believes to its parent. */
export async function candidate([url = "", key = "", nodeId = "", ttl = ""]: readonly string[]) {
  const store = await openStore(url);
  const elector = new Elector(store, key, { ttl: Number(ttl), nodeId });
  const tell = (message: FromCandidate) => process.send?.(message);

  let led = false;
  elector.on("elected", ({ term }) => {
    led = true;
    tell({ type: "elected", at: sharedNow(), token: term.token });
  });
  elector.on("deposed", ({ term, reason }) => {
    tell({ type: "deposed", at: sharedNow(), token: term.token, reason });
  });
  elector.on("quarantined", ({ retryIn }) => {
    tell({ type: "quarantined", at: sharedNow(), retryIn });
  });
  elector.on("storeError", ({ error }) => {
    tell({ type: "store-error", at: sharedNow(), message: error.message });
  });

  const looking = setInterval(() => {
    const at = sharedNow();
    const leads = elector.isLeader();
    if (leads || led) tell({ type: "look", at, leads });
    led = leads;
  }, LOOK_EVERY);

  const leave = async () => {
    await elector.stop();
    clearInterval(looking);
    await store.close();
    if (process.connected) process.disconnect();
  };
  process.on("message", (message: ToCandidate) => {
    void (message === "resign" ? elector.resign() : leave());
  });
  // The demo itself has died: nobody looks any more.
  process.on("disconnect", () => process.exit());
  await elector.start();
  return exitCodes.ok;
}
