import { int, type StoredElection, save } from "./election-hash.ts";
import { type Execution, type Reply, serverOf } from "./execution.ts";

/** What the guarded scripts go on with: what they write of the server, and how they answer. */
export interface Guarded {
  /** "1" if the lease is that of the attempt that asks. */
  readonly own: string;
  readonly run: string;
  readonly epoch: number;
  answer(status: string, ...rest: readonly string[]): Reply;
}

/**
 * Which server this is, and whether it still knows what it knew. ARGV[1] the server that the caller
 * knows, [2] the not-after, [3] the quarantine, [4] "1" for the guard, [8] the ttl, [12] how long ago the
 * caller heard from another server. Returns the reply where the command ends here. `election` is brought
 * up to date.
 */
export function guard(
  execution: Execution,
  election: StoredElection,
): Guarded | { readonly reply: Reply } {
  const { now, server } = execution.call;
  const isOn = execution.arg(4) === "1";
  const run = isOn ? serverOf(server) : "unguarded";
  const mode = isOn ? server.mode : "standalone";
  const version = isOn ? String(server.version) : "0";
  const answer: Guarded["answer"] = (status, ...rest) => [
    ...[status, run, int(now), mode, version, int(seen(election, now))],
    ...rest,
  ];
  if (execution.arg(1) !== run) return { reply: answer("server") };
  const own = election.live && election.nonce === execution.arg(5) ? "1" : "";
  if (now > Number(execution.arg(2))) return { reply: answer("late", own) };
  if (election.overlong) save(execution, { exp: int(election.exp) });
  const quarantine = Math.max(Number(execution.arg(3)), Number(execution.arg(8)), election.ttl);
  if (election.until > now + quarantine) {
    election.until = now + quarantine;
    save(execution, { until: int(election.until) });
  }
  const epoch = isOn ? noticedAt(execution, election, run) : election.epoch;
  if (isOn && !election.foreign && (election.run !== run || election.epoch !== epoch)) {
    quarantineAfterAmnesia(execution, election, { run, epoch, quarantine });
  }
  return { run, epoch, own, answer };
}

/** What a token must be above to be granted here. */
export function seen({ until, token, floor }: StoredElection, now: number): number {
  return now < until ? token : Math.max(token, floor);
}

interface Amnesia {
  readonly run: string;
  readonly epoch: number;
  readonly quarantine: number;
}

/** The election is of an earlier memory of this server, or the server does not remember it. */
function quarantineAfterAmnesia(
  execution: Execution,
  election: StoredElection,
  { run, epoch, quarantine }: Amnesia,
): void {
  const { now, server } = execution.call;
  const since = !election.known && server.evicts ? now : epoch;
  const ends = since + quarantine;
  if (!election.known && now >= ends) return;
  election.until = Math.max(election.until, ends);
  election.floor = Math.max(election.floor, ends);
  election.run = run;
  save(execution, {
    run,
    epoch: int(epoch),
    until: int(election.until),
    floor: int(election.floor),
    token: int(election.token),
    nonce: election.nonce,
  });
}

/**
 * Since when this server is known with this memory, by the stamp at KEYS[2], or by the election itself
 * where there is none; now, if it is not, or if the caller has heard from another one since.
 */
function noticedAt(execution: Execution, election: StoredElection, run: string): number {
  const { now, keys } = execution.call;
  const [, stampKey] = keys;
  const stamp = stampKey === undefined ? undefined : execution.hash(stampKey);
  const server = stamp === undefined ? election.run : stamp["run"];
  const since = stamp === undefined ? election.epoch : Number(stamp["since"]);
  const elsewhere = execution.arg(12) === "" ? undefined : now - Number(execution.arg(12));
  const isKnown = server === run && since <= now;
  if (isKnown && (elsewhere === undefined || elsewhere < since)) return since;
  if (stampKey !== undefined) execution.hset(stampKey, { run, since: int(now) });
  return now;
}
