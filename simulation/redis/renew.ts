import { holder, int, openElection, save } from "./election-hash.ts";
import { operation } from "./execution.ts";
import { guard } from "./guard.ts";

/** As for acquire, but ARGV[10] is the term's token, and [11] may be "join". */
export const renew = operation((execution) => {
  const election = openElection(execution);
  const guarded = guard(execution, election);
  if ("reply" in guarded) return guarded.reply;
  const { run, epoch, answer } = guarded;
  const { now } = execution.call;
  const token = Number(execution.arg(10));
  const lease = { exp: int(now + Number(execution.arg(8))), ttl: execution.arg(8) };
  if (election.foreign) return answer("superseded", ...holder(execution, election));
  const quarantined = now < election.until;
  const renewed = (joined: boolean) =>
    answer("renewed", joined ? "joined" : quarantined ? "quarantined" : "held");
  if (election.nonce === execution.arg(5) && (election.live || quarantined)) {
    const [node, metadata] = [execution.arg(6), execution.arg(7)];
    const isNew = election.node !== node || election.metadata !== metadata;
    if (isNew) save(execution, { node, metadata });
    save(execution, lease);
    if (isNew) execution.publish(execution.arg(9), `changed ${int(election.token)}`);
    return renewed(false);
  }
  const forgotten = (!election.known || quarantined) && election.token < token;
  const missed = election.token !== token || election.nonce === execution.arg(5);
  const joins = execution.arg(11) === "join";
  const vacant = joins && !quarantined && !election.live && missed;
  if (forgotten || vacant) {
    save(execution, {
      ...lease,
      token: int(token),
      nonce: execution.arg(5),
      node: execution.arg(6),
      metadata: execution.arg(7),
      since: int(token),
      run,
      epoch: int(epoch),
      until: int(election.until),
      floor: int(Math.max(election.floor, election.token)),
    });
    return renewed(vacant);
  }
  return answer("superseded", ...holder(execution, election));
});
