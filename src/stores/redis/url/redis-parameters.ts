import { oneOf, textParameter, trueOrFalse, wholeNumberParameter } from "../../url-parameters.ts";

/** The store's own options, and how to connect: what the URL of every deployment may say. */
export const redisParameters = {
  restartGuard: trueOrFalse,
  unref: trueOrFalse,
  quarantine: wholeNumberParameter("15000"),
  stampKey: textParameter("incumbent:server"),
  minReplicas: wholeNumberParameter("1"),
  alsoLock: textParameter("locks:*"),
  family: oneOf(0, 4, 6),
  protocol: oneOf(2, 3),
  connectionName: textParameter("billing"),
};
