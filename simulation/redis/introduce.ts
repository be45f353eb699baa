import { int, openElection } from "./election-hash.ts";
import { operation } from "./execution.ts";
import { seen } from "./guard.ts";

/** Answers what a token must exceed, and changes nothing. */
export const introduce = operation((execution) => {
  const election = openElection(execution);
  return ["introduced", int(seen(election, execution.call.now))];
});
