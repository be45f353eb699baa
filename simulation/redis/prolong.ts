import { int, openElection, save } from "./election-hash.ts";
import { ErrorReply, operation, serverOf } from "./execution.ts";
import { knownSince } from "./guard.ts";

/** Renews a lease if everything is as usual; otherwise it does nothing and asks for the whole request. */
export const prolong = operation((execution) => {
  const { now, server } = execution.call;
  const election = open();
  if (election === undefined || !election.live || election.overlong) return "more";
  const isOn = execution.arg(4) === "1";
  const run = isOn ? serverOf(server) : "unguarded";
  const isCalled = execution.arg(1) === run && now <= Number(execution.arg(2));
  if (election.nonce !== execution.arg(5) || !isCalled || now < election.until) return "more";
  if (isOn) {
    if (election.run !== run) return "more";
    if (knownSince(execution, election, run) !== election.epoch) return "more";
  }
  save(execution, { exp: int(now + Number(execution.arg(8))), ttl: execution.arg(8) });
  return "renewed";

  function open() {
    try {
      return openElection(execution);
    } catch (error) {
      if (error instanceof ErrorReply) return undefined;
      throw error;
    }
  }
});
