import type { Action } from "./scenario.ts";

/** Actions after which a server may have lost data. */
export const forgets = new Set<Action["does"]>([
  ...(["restart", "fail-over", "switch", "evict", "flush", "delete"] as const),
  ...(["set-register-back", "remove"] as const),
]);

/** A kind that is listed several times is drawn more often. */
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

/** Of a register without a clock. */
export const kindsOfRegister = [
  ...["start", "stop", "stop", "resign", "resign", "lead"],
  ...["pause", "pause", "pause", "suspend", "crash", "crash", "jump-wall", "set-rate"],
  ...["sever", "sever", "partition", "partition", "freeze"],
  ...["set-register-back", "set-register-back", "set-register-back", "remove"],
] as const;

/**
 * With several servers, a fault of one of them must be survived. A key that is deleted by hand or a clock
 * that is set are exceptions.
 */
export const kindsOfSeveral = [
  ...["start", "stop", "resign", "lead"],
  ...["pause", "pause", "suspend", "crash", "jump-wall", "set-rate"],
  ...["sever", "sever", "partition", "partition", "partition", "freeze", "freeze"],
  ...["restart", "restart", "restart", "fail-over", "fail-over", "switch", "switch"],
  ...["flush", "flush"],
] as const;

/** Of an SQL database. A promotion of its standby is a `fail-over`. */
export const kindsOfDatabase = [
  ...["start", "stop", "stop", "resign", "resign", "lead"],
  ...["pause", "pause", "pause", "suspend", "crash", "crash", "jump-wall", "set-rate"],
  ...["sever", "sever", "partition", "partition", "freeze", "lock-row", "lock-row", "lock-row"],
  ...["restart", "restart", "fail-over", "fail-over", "set-back", "flush", "delete"],
] as const;
