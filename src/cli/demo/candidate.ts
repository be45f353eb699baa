import { Elector } from "../../elector/elector.ts";
import { exitCodes } from "../exit-codes.ts";
import { openStore } from "../open-store.ts";
import { type FromCandidate, sharedNow, type ToCandidate } from "./messages.ts";

const LOOK_EVERY = 5;

/** Runs one candidate of the demo, in its own process. It reports to its parent whether it leads. */
export async function candidate([url = "", key = "", nodeId = "", ttl = ""]: readonly string[]) {
  const store = await openStore(url);
  const elector = new Elector(store, key, { ttl: Number(ttl), nodeId });
  const report = (message: FromCandidate) => process.send?.(message);

  let led = false;
  elector.on("elected", ({ term }) => {
    led = true;
    report({ type: "elected", at: sharedNow(), token: term.token });
  });
  elector.on("deposed", ({ term, reason }) => {
    report({ type: "deposed", at: sharedNow(), token: term.token, reason });
  });
  elector.on("quarantined", ({ retryIn }) => {
    report({ type: "quarantined", at: sharedNow(), retryIn });
  });
  elector.on("storeError", ({ error }) => {
    report({ type: "store-error", at: sharedNow(), message: error.message });
  });

  const looking = setInterval(() => {
    const at = sharedNow();
    const leads = elector.isLeader();
    if (leads || led) report({ type: "look", at, leads });
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
  // The demo itself has died.
  process.on("disconnect", () => process.exit());
  await elector.start();
  return exitCodes.ok;
}
