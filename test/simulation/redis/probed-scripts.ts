import { createHash } from "node:crypto";
import { leaderScript, script } from "../../../src/stores/redis/script/redis-scripts.ts";

/** What the script asks its server for, each answered by the test instead, from behind the arguments. */
const probes: readonly (readonly [probe: string, instead: string])[] = [
  ["redis.call('TIME')", "{ARGV[#ARGV - 5], ARGV[#ARGV - 4]}"],
  [
    "redis.pcall('INFO', section)",
    "({server = ARGV[#ARGV - 3], replication = ARGV[#ARGV - 2], memory = ARGV[#ARGV - 1]})[section]",
  ],
  // Whether there is an expiry the server says itself.
  [
    "redis.call('PTTL', e.key)",
    "(redis.call('PTTL', e.key) < 0 and -1 or tonumber(string.match(ARGV[#ARGV], e.key .. '=(-?%d+)')))",
  ],
];

/** In the order in which they stand behind the arguments. */
export interface Probed {
  /** The clock, in µs. */
  readonly micros: number;
  readonly server: string;
  readonly replication: string;
  readonly memory: string;
  /** What PTTL answers for each key of the call. */
  readonly pttl: Readonly<Record<string, number>>;
}

export function probeArguments(probed: Probed): string[] {
  const { micros, server, replication, memory, pttl } = probed;
  const seconds = Math.floor(micros / 1_000_000);
  const time = [String(seconds), String(micros - seconds * 1_000_000)];
  const remaining = Object.entries(pttl).map(([key, ms]) => `${key}=${ms}`);
  return [...time, server, replication, memory, remaining.join()];
}

/** The very text of the script but for its probes, each of which must be there exactly once. */
function probed(text: string): string {
  return probes.reduce((changed, [probe, instead]) => {
    const pieces = changed.split(probe);
    if (pieces.length !== 2) throw new Error(`the script has ${pieces.length - 1} times ${probe}`);
    return pieces.join(instead);
  }, text);
}

export interface Script {
  readonly text: string;
  readonly digest: string;
}

/** A script of the store, and the same with its probes replaced. */
export interface ScriptPair {
  readonly original: Script;
  readonly probed: Script;
}

export const pair = pairOf(script);
export const pairSince7 = pairOf(leaderScript);

function pairOf(text: string): ScriptPair {
  return { original: digested(text), probed: digested(probed(text)) };
}

function digested(text: string): Script {
  return { text, digest: createHash("sha1").update(text).digest("hex") };
}
