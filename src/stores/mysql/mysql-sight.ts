import { StoreError } from "../../errors.ts";
import type { SqlWish } from "../sql/sql-questions.ts";
import type { SqlHolder, SqlReply, SqlStatus } from "../sql/sql-request.ts";
import type { Row } from "./mysql-driver.ts";
import { textOfHex } from "./mysql-literals.ts";
import type { Server } from "./mysql-statements.ts";

/** An election as it was seen, with times in µs. */
export interface Election {
  readonly nonce: string;
  readonly node: string;
  readonly metadata: string;
  readonly token: number;
  readonly since: number;
  readonly ttl: number;
  readonly endsAt: number;
  readonly run: string;
  readonly waitsUntil: number;
  /** No token that may have been forgotten is above it. */
  readonly floor: number;
  /** Nothing if the row of the fence is missing. */
  readonly fence: number | undefined;
}

/** What one look has shown. */
export interface Sights {
  readonly server: Server;
  /** The clock of the server. */
  readonly now: number;
  readonly elections: ReadonlyMap<string, Election>;
}

/** Reads the answer to a look. Throws a `StoreError` if the server is not one for leases. */
export function sightsOf(rows: readonly Row[]): Sights {
  const [first] = rows;
  const session = first?.["session"] ?? "";
  const made = first?.["made"] ?? "";
  if (first?.["takes_writes"] !== "1") {
    const detail = "the server is read-only, as a replica is; connect to the primary";
    throw new StoreError("INCUMBENT_STORE_REFUSED", `MySQL refused (${detail}).`, {
      applied: "no",
      detail,
    });
  }
  checkEngines(made);
  const found = rows.filter((row) => row["hex"] !== null);
  return {
    server: { session, run: `${session}/${made}` },
    now: Number(first["now"]),
    elections: new Map(found.map((row) => [textOfHex(row["hex"]), electionOf(row)])),
  };
}

/** Another engine has neither locks on rows nor transactions. */
function checkEngines(made: string): void {
  if (/^(InnoDB\d+,?){2}$/i.test(made)) return;
  const detail = "the tables of the store are not kept by InnoDB; ALTER TABLE … ENGINE = InnoDB";
  throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", `In MySQL ${detail}.`, {
    applied: "no",
    detail,
  });
}

function electionOf(row: Row): Election {
  const number = (name: string) => Number(row[name] ?? 0);
  const fence = row["fence"];
  return {
    nonce: row["nonce"] ?? "",
    node: textOfHex(row["node"]),
    metadata: textOfHex(row["metadata"]),
    token: number("token"),
    since: number("since"),
    ttl: number("ttl"),
    endsAt: number("ends_at"),
    run: row["run"] ?? "",
    waitsUntil: number("waits_until"),
    floor: number("floor"),
    fence: fence === null || fence === undefined ? undefined : Number(fence),
  };
}

/** Whether there is a lease, and until when no other process can have it. */
function isLive({ nonce, endsAt }: Election, now: number): boolean {
  return nonce !== "" && now < endsAt;
}

/** The holder of a live lease. It never has more than its ttl ahead of it: the clock was set back. */
export function holderOf(election: Election | undefined, now: number): SqlHolder | undefined {
  if (election === undefined || !isLive(election, now)) return undefined;
  const { node, metadata, token, since, ttl, endsAt } = election;
  return { node, metadata, token, since, ttl, left: Math.min(endsAt - now, ttl) };
}

/** Why nothing can be decided yet, or for a request that came too late ever. */
export function obstacle(
  { server, now }: Sights,
  election: Election | undefined,
  wish: SqlWish,
  expected: { readonly run: string; readonly isGuarded: boolean },
): SqlStatus | undefined {
  if (server.run !== expected.run) return "server";
  if (now > wish.last) return "late";
  if (election?.fence === undefined) return "unknown";
  // The clock was set back.
  if (election.endsAt > now + election.ttl) return "unknown";
  if (!expected.isGuarded) return undefined;
  const longest = Math.max(wish.quarantine, election.ttl);
  return election.run !== server.run || election.waitsUntil > now + longest ? "unknown" : undefined;
}

/** What a candidate is answered if it cannot be elected. */
export function refusalOf(
  { now }: Sights,
  election: Election,
  { nonce }: SqlWish,
): Omit<SqlReply, "run" | "now"> | undefined {
  const holder = holderOf(election, now) ?? null;
  if (holder !== null) return { status: "held", holder, own: election.nonce === nonce };
  const waits = election.waitsUntil - now;
  return waits > 0 ? { status: "quarantine", holder, waits } : undefined;
}

/** Whether the term of this renewal has come to an end. */
export function isSuperseded({ now }: Sights, election: Election, wish: SqlWish): boolean {
  if ((election.fence ?? 0) > wish.token) return true;
  const isQuarantined = now < election.waitsUntil;
  if (election.nonce === wish.nonce) return !(isLive(election, now) || isQuarantined);
  return !(isQuarantined && election.token < wish.token);
}
