import { int, type StoredElection, save } from "./election-hash.ts";
import { type Execution, type Reply, serverOf } from "./execution.ts";

/** The result of the guard for the rest of a script: what to store about the server, and how to reply. */
export interface Guarded {
  /** "1" if the lease belongs to the attempt that sent the request. */
  readonly own: string;
  readonly run: string;
  readonly epoch: number;
  answer(status: string, ...rest: readonly string[]): Reply;
}

/**
 * Checks which server this is, and whether it may have lost data. ARGV[1] is the server that the caller
 * knows, [2] notAfter, [3] the quarantine, [4] "1" if the guard is on, [8] the ttl, [12] how long ago the
 * caller got an answer from another server. Returns the reply if the command ends here. Updates `election`.
 */
export function guard(
  execution: Execution,
  election: StoredElection,
): Guarded | { readonly reply: Reply } {
  const { now, server } = execution.call;
  const isOn = execution.arg(4) === "1";
  const run = isOn ? serverOf(server) : "unguarded";
  const answer: Guarded["answer"] = (status, ...rest) => [
    status,
    int(seen(election, now)),
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

/** The floor that a token must exceed to be granted here. */
export function seen({ until, token, floor }: StoredElection, now: number): number {
  return now < until ? token : Math.max(token, floor);
}

interface Amnesia {
  readonly run: string;
  readonly epoch: number;
  readonly quarantine: number;
}

/** The election belongs to an earlier data set of this server, or the server has lost it. */
function quarantineAfterAmnesia(
  execution: Execution,
  election: StoredElection,
  { run, epoch, quarantine }: Amnesia,
): void {
  const { now, server } = execution.call;
  const since = !election.known && server.evicts ? now : epoch;
  const ends = since + quarantine;
  if (!election.known && now >= ends) {
    election.floor = ends;
    return;
  }
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
 * Since when this server has had its present data, according to the stamp at KEYS[2] or, without a stamp,
 * to the election. The result is now if it is unknown, or if the caller has since used another server.
 */
function noticedAt(execution: Execution, election: StoredElection, run: string): number {
  const since = knownSince(execution, election, run);
  if (since !== undefined) return since;
  const { now, keys } = execution.call;
  const [, stampKey] = keys;
  if (stampKey !== undefined) execution.hset(stampKey, { run, since: int(now) });
  return now;
}

/** The same, or `undefined` if it is now. */
export function knownSince(
  execution: Execution,
  election: StoredElection,
  run: string,
): number | undefined {
  const { now, keys } = execution.call;
  const [, stampKey] = keys;
  const stamp = stampKey === undefined ? undefined : execution.hash(stampKey);
  const server = stamp === undefined ? election.run : stamp["run"];
  const since = stamp === undefined ? election.epoch : Number(stamp["since"]);
  const elsewhere = execution.arg(12) === "" ? undefined : now - Number(execution.arg(12));
  const isKnown = server === run && since <= now;
  return isKnown && (elsewhere === undefined || elsewhere < since) ? since : undefined;
}
