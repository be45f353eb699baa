import { int, type StoredElection, save } from "./election-hash.ts";
import type { Execution, Reply } from "./execution.ts";

/** What the guarded scripts go on with: the run_id they write, and how they answer. */
export interface Guarded {
  readonly run: string;
  answer(status: string, ...rest: readonly string[]): Reply;
}

/**
 * Which server this is, and whether it still knows what it knew. ARGV[1] the run_id that the caller
 * knows, [2] the not-after, [3] the quarantine, [4] "1" for the guard. Returns the reply where the
 * command ends here. `election` is brought up to date.
 */
export function guard(
  execution: Execution,
  election: StoredElection,
): Guarded | { readonly reply: Reply } {
  const { now, server } = execution.call;
  const isOn = execution.arg(4) === "1";
  const run = isOn ? server.run : "unguarded";
  const mode = isOn ? server.mode : "standalone";
  const version = isOn ? String(server.version) : "0";
  const answer: Guarded["answer"] = (status, ...rest) => [
    ...[status, run, int(now), mode, version],
    ...rest,
  ];
  if (execution.arg(1) !== run) return { reply: answer("server") };
  if (now > Number(execution.arg(2))) return { reply: answer("late") };
  if (election.overlong) save(execution, { exp: int(election.exp) });
  const quarantine = Math.max(Number(execution.arg(3)), election.ttl);
  if (election.until > now + quarantine) {
    election.until = now + quarantine;
    save(execution, { until: int(election.until) });
  }
  if (isOn && !election.foreign && election.run !== run) {
    quarantineAfterAmnesia(execution, election, quarantine);
  }
  return { run, answer };
}

/** The election is of an earlier memory of this server, or the server does not remember it. */
function quarantineAfterAmnesia(
  execution: Execution,
  election: StoredElection,
  quarantine: number,
): void {
  const { now, server } = execution.call;
  const noticed = noticedAt(execution);
  const since = !election.known && server.evicts ? now : noticed;
  const ends = since + quarantine;
  if (!election.known && now >= ends) return;
  election.until = ends;
  election.floor = Math.max(election.floor, ends);
  election.run = server.run;
  save(execution, {
    run: server.run,
    until: int(ends),
    floor: int(election.floor),
    token: int(election.token),
    nonce: election.nonce,
  });
}

/** Since when this server is known with this memory, by the stamp at KEYS[2]; now, where it is not. */
function noticedAt(execution: Execution): number {
  const { now, server } = execution.call;
  const stampKey = execution.call.keys[1];
  if (stampKey === undefined) return now;
  const stamp = execution.hash(stampKey);
  const since = Number(stamp["since"]);
  if (stamp["run"] === server.run && since <= now) return since;
  execution.hset(stampKey, { run: server.run, since: int(now) });
  return now;
}
