// What a Redis server has done so far, as it says itself.

/** CPU in ms, and the calls of each command since the statistics were reset. */
export async function loadOf(admin) {
  const [cpu, stats] = await Promise.all([admin.info("cpu"), admin.info("commandstats")]);
  return { cpu: cpuIn(cpu), calls: callsIn(stats) };
}

function cpuIn(info) {
  const seconds = [...info.matchAll(/^used_cpu_(?:sys|user):([\d.]+)/gm)];
  return seconds.reduce((sum, [, value]) => sum + Number(value) * 1000, 0);
}

function callsIn(info) {
  const calls = [...info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  return Object.fromEntries(calls.map(([, command, count]) => [command, Number(count)]));
}

/**
 * How many requests came between two loads. Redis counts the commands inside a script as well, so
 * `commands` names those that the package sends.
 */
export function requestsBetween(before, after, commands) {
  const count = ({ calls }) => commands.reduce((sum, name) => sum + (calls[name] ?? 0), 0);
  return count(after) - count(before);
}
