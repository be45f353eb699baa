import { load } from "../install.mjs";
import { openRedlock } from "./redlock.mjs";

export const installed = "@sesamecare-oss/redlock";

export const use = "As redlock, of which it is a fork.";

export { remaining, renewsEvery, requests } from "./redlock.mjs";

export function open(settings) {
  return openRedlock(load("@sesamecare-oss/redlock").Redlock, settings);
}
