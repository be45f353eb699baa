import { load } from "../install.mjs";
import { openRedlock } from "./redlock.mjs";

export { remaining, renewsEvery, requests } from "./redlock.mjs";

export function open(settings) {
  return openRedlock(load("@sesamecare-oss/redlock").Redlock, settings);
}
