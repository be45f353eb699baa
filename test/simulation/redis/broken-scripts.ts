import { createHash } from "node:crypto";
import type { ScriptName } from "../../../src/stores/redis/redis-scripts.ts";
import { pairs, pairsSince7 } from "./probed-scripts.ts";

/** What a real server is sent in place of what: texts of scripts, and their digests. */
export type Replaced = ReadonlyMap<string, string>;

/** The real scripts, each with one mistake: the simulated server does not have it, and that has to be seen. */
export const brokenScripts: Readonly<Record<string, Replaced>> = {
  "no look whether there is a lease": broken("acquire", "if live then", "if false then"),
  "no not-after": broken("renew", "now > tonumber(ARGV[2])", "false"),
  "a server that is its run_id alone": broken(
    "acquire",
    "run = process .. ':' .. data",
    "run = process",
  ),
  "no look at the stamp": broken("renew", " or election.epoch ~= epoch", ""),
  "no ear for another server": broken("acquire", "ARGV[12] == ''", "true"),
  "no look at the request's own ttl": broken(
    "acquire",
    "tonumber(ARGV[8]), election.ttl",
    "election.ttl",
  ),
  "no look at whose lease is released": broken("release", " or election.nonce ~= ARGV[1]", ""),
};

/** `from` must be there exactly once, or the script would be the real one. */
function broken(name: ScriptName, from: string, to: string): Replaced {
  const replaced = new Map<string, string>();
  for (const { probed } of [pairs[name], pairsSince7[name]]) {
    const pieces = probed.text.split(from);
    if (pieces.length !== 2) throw new Error(`${name} has ${pieces.length - 1} times: ${from}`);
    const text = pieces.join(to);
    replaced.set(probed.text, text);
    replaced.set(probed.digest, createHash("sha1").update(text).digest("hex"));
  }
  return replaced;
}
