import { install, versionOf } from "./install.mjs";

/** In the order of the tables. Each has a file in packages/, which says how it is used. */
export const packageNames = [
  "incumbent",
  "control",
  "redis-semaphore",
  "safe-redis-leader",
  "bare",
];

/**
 * What the files in packages/ export:
 *
 * - `open({ port, ttl, renewal })`, which connects, and resolves with `campaign(key, { gained, lost })`: that
 *   resolves with `isLeader()` and `stop()`.
 * - `renewsEvery(settings)`, in ms, and `requests`: the commands that it sends.
 * - `remaining(redis, key)`, how long its lease lasts, in ms.
 */
export async function readPackages(names) {
  if (names.some((name) => versionOf(name) !== undefined)) install();
  const modules = names.map((name) => import(`./packages/${name}.mjs`));
  return (await Promise.all(modules)).map((module, index) => ({ ...module, name: names[index] }));
}
