import { textParameter, trueOrFalse, wholeNumberParameter } from "../url-parameters.ts";

/** The options of every SQL store, as parameters of a URL. */
export const sqlParameters = {
  schema: textParameter("billing"),
  table: textParameter("incumbent_elections"),
  createTable: trueOrFalse,
  restartGuard: trueOrFalse,
  quarantine: wholeNumberParameter("15000"),
};
