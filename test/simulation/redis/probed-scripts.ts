import { createHash } from "node:crypto";
import {
  type RedisScripts,
  type ScriptName,
  scripts,
  scriptsSince7,
} from "../../../src/stores/redis/redis-scripts.ts";

/** What a script asks its server for, each answered by the test instead, from behind the arguments. */
const probes: readonly (readonly [probe: string, instead: string])[] = [
  ["redis.call('TIME')", "{ARGV[#ARGV - 5], ARGV[#ARGV - 4]}"],
  [
    "redis.pcall('INFO', section)",
    "({server = ARGV[#ARGV - 3], replication = ARGV[#ARGV - 2], memory = ARGV[#ARGV - 1]})[section]",
  ],
  // Whether there is an expiry the server says itself.
  [
    "redis.call('PTTL', KEYS[1])",
    "(redis.call('PTTL', KEYS[1]) < 0 and -1 or tonumber(ARGV[#ARGV]))",
  ],
];

/** In the order in which they stand behind the arguments. */
export interface Probed {
  /** The clock, in µs. */
  readonly micros: number;
  readonly server: string;
  readonly replication: string;
  readonly memory: string;
  readonly pttl: number;
}

export function probeArguments(probed: Probed): string[] {
  const { micros, server, replication, memory, pttl } = probed;
  const seconds = Math.floor(micros / 1_000_000);
  const time = [String(seconds), String(micros - seconds * 1_000_000)];
  return [...time, server, replication, memory, String(pttl)];
}

/** The very text of the script but for its probes, each of which must be there exactly once. */
function probed(name: ScriptName, text: string): string {
  const isGuarded = name === "acquire" || name === "renew";
  return probes.reduce((script, [probe, instead]) => {
    const pieces = script.split(probe);
    const expected = probe.includes("INFO") && !isGuarded ? 0 : 1;
    if (pieces.length - 1 !== expected) {
      throw new Error(`${name} has ${pieces.length - 1} times ${probe}, and not ${expected} times`);
    }
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

export type ScriptPairs = Readonly<Record<ScriptName, ScriptPair>>;

export const pairs = pairsOf(scripts);
export const pairsSince7 = pairsOf(scriptsSince7);

function pairsOf(texts: RedisScripts): ScriptPairs {
  const pair = (name: ScriptName): ScriptPair => ({
    original: script(texts[name]),
    probed: script(probed(name, texts[name])),
  });
  return {
    acquire: pair("acquire"),
    renew: pair("renew"),
    release: pair("release"),
    read: pair("read"),
  };
}

function script(text: string): Script {
  return { text, digest: createHash("sha1").update(text).digest("hex") };
}
