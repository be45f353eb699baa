import { createHash } from "node:crypto";
import { pair, pairSince7 } from "./probed-scripts.ts";

/** What a real server is sent in place of what: texts of scripts, and their digests. */
export type Replaced = ReadonlyMap<string, string>;

/** The real script, each with one mistake: the simulated server does not have it, and that has to be seen. */
export const brokenScripts: Readonly<Record<string, Replaced>> = {
  "no look whether there is a lease": broken(
    "if e.live then return answer(e, 'held'",
    "if false then return answer(e, 'held'",
  ),
  "no not-after": broken("if now > tonumber(ARGV[at + 1])", "if false"),
  "a server that is its run_id alone": broken("run = process .. ':' .. data", "run = process"),
  "no look at the stamp": broken(" and e.epoch == epoch", ""),
  "no ear for another server": broken("ARGV[5] ~= '' and", "false and"),
  "no floor for what was forgotten": broken("    e.floor = ends\n    return", "    return"),
  "no look at the request's own ttl": broken("tonumber(ARGV[at + 5]), e.ttl", "e.ttl"),
  "no look at whose lease is released": broken(" or e.nonce ~= ARGV[at + 1]", ""),
  "one server's stamp looked at for each request": broken(
    "if stampKey then stamped = since end",
    "stamped = e.epoch",
  ),
  "the not-after of the first request for all": broken(
    "ARGV[at + 1]) then return answer(e, 'late'",
    "ARGV[9]) then return answer(e, 'late'",
  ),
  "a short renewal that does not look whose lease it is": broken(" or v[2] ~= nonce", ""),
  "a short renewal however late it comes": broken(" or now > tonumber(notAfter)", ""),
  "a short renewal in a quarantine": broken(
    "if now < (tonumber(v[7]) or 0) then return 'more' end",
    "",
  ),
  "a short renewal on another server": broken("(v[5] ~= run or known", "(known"),
  "the answer of the request before": broken(
    "replies[i + 1] = decide",
    "replies[count + 2 - i] = decide",
  ),
  "one short renewal that stands for all": broken("if renewed == count", "if renewed > 0"),
  "a short renewal that keeps its place": broken("at, left = at + 1, left - 1", "left = left - 1"),
  "a request that fails taken for another": broken("at + width[ARGV[at]]", "at + width.read"),
};

/** `from` must be there exactly once, or the script would be the real one. */
function broken(from: string, to: string): Replaced {
  const replaced = new Map<string, string>();
  for (const { probed } of [pair, pairSince7]) {
    const pieces = probed.text.split(from);
    if (pieces.length !== 2) throw new Error(`the script has ${pieces.length - 1} times: ${from}`);
    const text = pieces.join(to);
    replaced.set(probed.text, text);
    replaced.set(probed.digest, createHash("sha1").update(text).digest("hex"));
  }
  return replaced;
}
