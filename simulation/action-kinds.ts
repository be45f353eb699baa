import type { Action } from "./scenario.ts";

/** After these, a server may not have what it had. */
export const forgets = new Set<Action["does"]>([
  ...(["restart", "fail-over", "switch", "evict", "flush", "delete"] as const),
]);

/** The more often a kind stands here, the more often it is drawn. */
export const kinds = [
  "start",
  "stop",
  "stop",
  "resign",
  "resign",
  "lead",
  "pause",
  "pause",
  "pause",
  "suspend",
  "crash",
  "crash",
  "jump-wall",
  "set-rate",
  "sever",
  "sever",
  "partition",
  "partition",
  "freeze",
  "restart",
  "restart",
  "fail-over",
  "switch",
  "switch",
  "set-back",
  "evict",
  "evict",
  "flush",
  "delete",
] as const;

/**
 * Where several servers elect, what happens to one of them is meant to be survived. A key that somebody
 * deletes, and a clock that is set, are not.
 */
export const kindsOfSeveral = [
  ...["start", "stop", "resign", "lead"],
  ...["pause", "pause", "suspend", "crash", "jump-wall", "set-rate"],
  ...["sever", "sever", "partition", "partition", "partition", "freeze", "freeze"],
  ...["restart", "restart", "restart", "fail-over", "fail-over", "switch", "switch"],
  ...["flush", "flush"],
] as const;
