import { holder, openElection } from "./election-hash.ts";
import { operation } from "./execution.ts";

export const read = operation((execution) => [
  "leader",
  ...holder(execution, openElection(execution)),
]);
