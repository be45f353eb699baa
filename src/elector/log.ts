import { show } from "../input.ts";
import type { EventSource, StoreOperation } from "./events.ts";

/** The methods that the elector calls on a logger. pino, bunyan and `console` have them. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const UNTIL_SAFE = "no election until any lost lease must have expired (restartGuard)";

/**
 * Writes an elector's events to a logger: one line per change, and for an outage of the store its first
 * error and its end. Renewals and repeated errors are logged at `debug`, so a follower is silent.
 */
export function logTo(logger: Logger, source: EventSource, about: object): void {
  const failing = new Set<StoreOperation>();
  let quarantined = false;
  let ownToken: number | undefined;
  /** Whether there was a leader that the store can have forgotten. */
  let hasSeenLeader = false;

  source.on("elected", ({ term }) => {
    quarantined = false;
    hasSeenLeader = true;
    ownToken = term.token;
    logger.info({ ...about, token: term.token }, "elected");
  });
  source.on("deposed", ({ term, reason }) => {
    const level = reason === "resigned" || reason === "stopped" ? "info" : "warn";
    logger[level]({ ...about, token: term.token, reason }, "deposed");
  });
  source.on("renewed", ({ term, took }) => {
    logger.debug({ ...about, token: term.token, took }, "renewed");
  });
  source.on("leaderChanged", ({ leader }) => {
    const { nodeId, token } = leader;
    hasSeenLeader = true;
    if (token === ownToken) return;
    logger.info({ ...about, leader: nodeId, token }, "leader changed");
  });
  source.on("ttlMismatch", ({ leader, ttl, ownTtl }) => {
    const fields = { ...about, leader: leader.nodeId, ttl, ownTtl };
    logger.warn(fields, "the leader has another ttl; all candidates of a key must have the same");
  });
  source.on("storeError", ({ operation, error }) => {
    const level = failing.has(operation) ? "debug" : "warn";
    failing.add(operation);
    const fields = { ...about, operation, code: error.code, error: error.message };
    logger[level](fields, "store request failed, retrying");
  });
  source.on("storeRecovered", ({ operation }) => {
    failing.delete(operation);
    logger.info({ ...about, operation }, "store recovered");
  });
  source.on("quarantined", ({ retryIn }) => {
    if (quarantined) return;
    quarantined = true;
    const fields = { ...about, retryIn: Math.ceil(retryIn) };
    if (hasSeenLeader) logger.warn(fields, `store lost its data; ${UNTIL_SAFE}`);
    else logger.info(fields, `store is new or lost its data; ${UNTIL_SAFE}`);
  });
  source.on("drainTimeout", ({ term }) => {
    logger.warn(
      { ...about, token: term.token },
      "work or callbacks have not settled within drainTimeout",
    );
  });
  source.on("callbackError", ({ error }) => {
    // pino serializes an error, with its stack, only under `err`. Other loggers get the message.
    const stack = error instanceof Error ? { err: error } : {};
    logger.error({ ...about, error: textOf(error), ...stack }, "callback failed");
  });
}

/** The text of a thrown value, which may be anything, even a value that cannot become a string. */
function textOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const { message } = thrown as { message?: unknown }; // The next line checks that it is a string.
  return typeof message === "string" ? message : show(thrown);
}
