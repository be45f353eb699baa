import { holder, int, openElection, save } from "./election-hash.ts";
import { operation } from "./execution.ts";
import { guard, seen } from "./guard.ts";

/** ARGV[5] nonce, [6] node, [7] metadata, [8] ttl, [9] channel, [10] above, [11] proposal or "". */
export const acquire = operation((execution) => {
  const election = openElection(execution);
  const guarded = guard(execution, election);
  if ("reply" in guarded) return guarded.reply;
  const { run, epoch, own, answer } = guarded;
  const { now } = execution.call;
  if (election.foreign) return answer("held", "", "", ...holder(execution, election));
  if (now < election.until) {
    const ends = election.live ? Math.max(election.exp, election.until) : election.until;
    return answer("quarantine", own, int(ends - now), ...holder(execution, election));
  }
  if (election.live) {
    return answer("held", own, int(election.exp - now), ...holder(execution, election));
  }
  const above = Number(execution.arg(10));
  const proposal = execution.arg(11);
  const token =
    proposal === "" ? Math.max(seen(election, now) + 1, above + 1, now) : Number(proposal);
  if (token <= seen(election, now)) return answer("outbid");
  const since = proposal === "" ? now : token;
  save(execution, {
    token: int(token),
    nonce: execution.arg(5),
    node: execution.arg(6),
    metadata: execution.arg(7),
    exp: int(now + Number(execution.arg(8))),
    ttl: execution.arg(8),
    since: int(since),
    run,
    epoch: int(epoch),
    until: int(election.until),
    floor: int(election.floor),
  });
  execution.publish(execution.arg(9), `changed ${int(token)}`);
  return answer("granted", int(token), int(since));
});
