import { int, openElection, save } from "./election-hash.ts";
import { operation } from "./execution.ts";
import { guard } from "./guard.ts";

/** As acquire, but ARGV[10] is the term's token. */
export const renew = operation((execution) => {
  const election = openElection(execution);
  const guarded = guard(execution, election);
  if ("reply" in guarded) return guarded.reply;
  const { run, answer } = guarded;
  const { now } = execution.call;
  const token = Number(execution.arg(10));
  const lease = { exp: int(now + Number(execution.arg(8))), ttl: execution.arg(8) };
  if (election.foreign) return answer("superseded");
  const quarantined = now < election.until;
  if (election.nonce === execution.arg(5) && (election.live || quarantined)) {
    const [node, metadata] = [execution.arg(6), execution.arg(7)];
    const told = election.node !== node || election.metadata !== metadata;
    if (told) save(execution, { node, metadata });
    save(execution, lease);
    if (told) execution.publish(execution.arg(9), "changed");
    return answer("renewed");
  }
  if ((!election.known || quarantined) && election.token < token) {
    save(execution, {
      ...lease,
      token: int(token),
      nonce: execution.arg(5),
      node: execution.arg(6),
      metadata: execution.arg(7),
      since: int(token),
      run,
      until: int(election.until),
      floor: int(election.floor),
    });
    return answer("renewed");
  }
  return answer("superseded");
});
