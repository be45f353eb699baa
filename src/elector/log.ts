import { show } from "../input.ts";
import type { EventSource, StoreOperation } from "./events.ts";

/** The part of a logger that is used; pino, bunyan and `console` have it. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Writes what an elector tells to a logger: one line a change, and of an outage its beginning and its
 * end. Renewals and repeated errors are on `debug`, so a candidate that follows is silent.
 */
export function logTo(logger: Logger, source: EventSource, about: object): void {
  const failing = new Set<StoreOperation>();
  let quarantined = false;
  let ownToken: number | undefined;

  source.on("elected", ({ term }) => {
    quarantined = false;
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
    if (token === ownToken) return;
    logger.info({ ...about, leader: nodeId, token }, "the leader is another");
  });
  source.on("storeError", ({ operation, error }) => {
    const level = failing.has(operation) ? "debug" : "warn";
    failing.add(operation);
    const fields = { ...about, operation, code: error.code, error: error.message };
    logger[level](fields, "the store failed; trying again");
  });
  source.on("storeRecovered", ({ operation }) => {
    failing.delete(operation);
    logger.info({ ...about, operation }, "the store answers again");
  });
  source.on("quarantined", ({ retryIn }) => {
    if (quarantined) return;
    quarantined = true;
    const message =
      "the store has lost its memory: nobody is elected until a forgotten lease has surely ended (restartGuard)";
    logger.warn({ ...about, retryIn: Math.ceil(retryIn) }, message);
  });
  source.on("drainTimeout", ({ term }) => {
    logger.warn(
      { ...about, token: term.token },
      "the work has not settled within drainTimeout; it campaigns again when it has",
    );
  });
  source.on("callbackError", ({ error }) => {
    // pino writes out an error under `err` alone, with its stack; other loggers have the text.
    const stack = error instanceof Error ? { err: error } : {};
    logger.error({ ...about, error: textOf(error), ...stack }, "a callback failed");
  });
}

/** What a callback threw: anything, also what cannot be made a text. */
function textOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null) return String(thrown);
  const { message } = thrown as { message?: unknown }; // Whether it is a text is asked next.
  return typeof message === "string" ? message : show(thrown);
}
