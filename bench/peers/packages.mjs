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
 * - `needs: "etcd"` if that is its server, `most`: how many keys it is measured with, `crowds`: whether it can
 *   have a thousand candidates of one key, and `elects: false` if it is no election.
 */
export async function readPackages(names) {
  if (names.some((name) => versionOf(name) !== undefined)) install();
  const modules = names.map((name) => import(`./packages/${name}.mjs`));
  const packages = (await Promise.all(modules)).map((module, index) => ({
    ...module,
    name: names[index],
  }));
  return packages.filter(({ name, needs }) => {
    if (hasServer(needs)) return true;
    console.error(`${name} is left out: there is no ${needs} on the PATH (Debian: etcd-server).`);
    return false;
  });
}
