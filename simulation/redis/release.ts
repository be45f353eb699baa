import { int, openElection, save } from "./election-hash.ts";
import { operation } from "./execution.ts";

/** ARGV[1] nonce, [2] channel, or "" to publish no hint. */
export const release = operation((execution) => {
  const election = openElection(execution);
  if (election.foreign || !election.live || election.nonce !== execution.arg(1)) return ["none"];
  save(execution, { nonce: "", exp: "0" });
  const channel = execution.arg(2);
  if (channel !== "") execution.publish(channel, `released ${int(election.token)}`);
  return ["released"];
});
