import { createHash } from "node:crypto";
import {
  leaderScript,
  type ScriptName,
  script,
} from "../../src/stores/redis/script/redis-scripts.ts";
import { acquire } from "./acquire.ts";
import type { Operation } from "./execution.ts";
import { introduce } from "./introduce.ts";
import { prolong } from "./prolong.ts";
import { read } from "./read.ts";
import { release } from "./release.ts";
import { renew } from "./renew.ts";

/** Each request that the script of the Redis store carries out, as a pure function. */
export type Rules = Readonly<Record<ScriptName, Operation>>;

/** The rules as the script has them. `test/simulation/redis` compares them with a real server. */
export const rules: Rules = { acquire, renew, prolong, release, read, introduce };

/** The digest of each text that the store sends, so that a changed script is not taken for the old one. */
export const knownScripts: ReadonlyMap<string, string> = new Map(
  [script, leaderScript].map((text) => [text, createHash("sha1").update(text).digest("hex")]),
);
