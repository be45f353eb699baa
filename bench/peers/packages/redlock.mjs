import { connect } from "../connect.mjs";
import { load } from "../install.mjs";
import { campaignByUsing } from "../using.mjs";

export const use = "`using` in a loop, renews after a third of the ttl, polls every 200 ms.";

export const requests = ["eval", "evalsha"];

export const crowds = true;

export const renewsEvery = ({ renewal }) => renewal;

export function open(settings) {
  return openRedlock(load("redlock").default, settings);
}

/** Its defaults, but for when it renews. The fork has the same interface. */
export function openRedlock(Redlock, { port, ttl, renewal }) {
  const redlock = new Redlock([connect(port)], { automaticExtensionThreshold: ttl - renewal });
  redlock.on("error", () => {});
  return {
    campaign: async (key, callbacks) =>
      campaignByUsing((routine) => redlock.using([key], ttl, routine), callbacks),
  };
}

export function remaining(redis, key) {
  return redis.pttl(key);
}
