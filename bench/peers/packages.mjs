import { install, versionOf } from "./install.mjs";
import { hasServer } from "./servers.mjs";

/** In the order of the tables. Each has a file in packages/, which says how it is used. */
export const packageNames = [
  ...["incumbent", "control", "redis-semaphore", "redlock", "sesamecare-redlock"],
  ...["redlock-universal", "redis-leader", "safe-redis-leader", "etcd3", "bare"],
];

/**
 * What the files in packages/ export:
 *
 * - `open({ port, ttl, renewal })`, which connects, and resolves with `campaign(key, { gained, lost })`: that
 *   resolves with `isLeader()` and `stop()`.
 * - `renewsEvery(settings)`, in ms, and `requests`: the commands that it sends.
 * - `remaining(redis, key)`, how long its lease lasts, in ms.
 * - `use`: how it is used, for the page, and `installed`: its name on npm, if that is another.
 * - `needs: "etcd"` if that is its server, and `most`: how many keys it is measured with.
 * - What it is measured in beyond that: `crowds`, a thousand candidates of one key; `follows`, thousands of
 *   keys that another process leads; `closely`, its p99 after a crash. `elects: false` if it is no election.
 */
export async function readPackages(names) {
  const modules = await Promise.all(names.map((name) => import(`./packages/${name}.mjs`)));
  const packages = modules.map((module, index) => ({ ...module, name: names[index] }));
  if (packages.some(({ name, installed = name }) => versionOf(installed) !== undefined)) install();
  return packages.filter(({ name, needs }) => {
    if (hasServer(needs)) return true;
    console.error(`${name} is left out: there is no ${needs} on the PATH (Debian: etcd-server).`);
    return false;
  });
}
