import { createHash } from "node:crypto";
import {
  type RedisScripts,
  type ScriptName,
  scripts,
  scriptsSince7,
} from "../../src/stores/redis/redis-scripts.ts";
import { acquire } from "./acquire.ts";
import type { Operation } from "./execution.ts";
import { read } from "./read.ts";
import { release } from "./release.ts";
import { renew } from "./renew.ts";

/** Each script of the Redis store as a pure function. */
export type Rules = Readonly<Record<ScriptName, Operation>>;

/** The scripts as the store has them. `test/simulation/redis` compares them with a real server. */
export const rules: Rules = { acquire, renew, release, read };

export interface KnownScript {
  readonly name: ScriptName;
  /** Its SHA-1 digest, by which EVALSHA calls it. */
  readonly digest: string;
}

/** The text of every script that the store sends, so that a changed script is not taken for the old one. */
export const knownScripts: ReadonlyMap<string, KnownScript> = new Map(
  [scripts, scriptsSince7].flatMap(entriesOf),
);

function entriesOf(texts: RedisScripts): [text: string, script: KnownScript][] {
  const names = ["acquire", "renew", "release", "read"] as const;
  return names.map((name) => {
    const digest = createHash("sha1").update(texts[name]).digest("hex");
    return [texts[name], { name, digest }];
  });
}
