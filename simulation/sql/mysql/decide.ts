import type { MysqlReply } from "../../../src/stores/mysql/mysql-driver.ts";
import type { SqlWish } from "../../../src/stores/sql/sql-questions.ts";
import { type ElectionRow, newElection } from "../memory.ts";
import type { Carried, Statement, Table, Transaction } from "../transaction.ts";
import type { Adoption, Command } from "./commands.ts";
import { lookAt, type Session, watched } from "./look.ts";

/** What a statement is answered with, and what only the checks know of it. */
export interface Decided extends MysqlReply {
  /** Of several elections, those that it has found. */
  readonly keys?: readonly string[];
}

/** What MySQL does with a statement of the store. One that writes waits for the rows that it looks at. */
export function* decide(
  transaction: Transaction,
  command: Command,
  session: Session,
): Statement<Decided> {
  // SYSDATE and not NOW(): the time when the rows are locked, and not when the statement began.
  const sysdate = () => transaction.now();
  yield "pause";
  if (command.does === "prolongAll") {
    return yield* prolongAll(transaction, sysdate, command, session);
  }
  for (const [table, key] of lockedBy(command, transaction)) {
    while (!transaction.lock(table, key)) yield "lock";
  }
  const reply = carryOut(
    { ...transaction, latest: transaction.latest, now: sysdate },
    command,
    session,
  );
  yield "pause";
  return { answer: reply, notices: [] } satisfies Carried<MysqlReply>;
}

/** Decides each row when it is locked, keeps its lock while it waits for the next, and writes them all in the end. */
function* prolongAll(
  transaction: Transaction,
  sysdate: () => number,
  { wishes, server }: Extract<Command, { readonly does: "prolongAll" }>,
  session: Session,
): Statement<Decided> {
  const elections: [string, ElectionRow][] = [];
  let insertId = 0;
  for (const wish of wishes) {
    while (!transaction.lock("elections", wish.key)) yield "lock";
    const row = transaction.latest.elections.get(wish.key);
    const now = sysdate();
    if (row === undefined) continue;
    const next = changedRow(
      { does: "prolong", wish, server },
      { row, fence: undefined, now },
      session,
    );
    if (next === undefined) continue;
    elections.push([wish.key, next]);
    insertId = now;
  }
  transaction.write({ elections });
  yield "pause";
  const keys = elections.map(([key]) => key);
  const answer = { ...found(elections.length), insertId, keys };
  return { answer, notices: [] } satisfies Carried<Decided>;
}

/** In the order in which they are locked. The clock is read when all are. */
function lockedBy(
  command: Command,
  { latest }: Transaction,
): readonly (readonly [Table, string])[] {
  switch (command.does) {
    case "acquire":
    case "restore":
      return [
        ["fences", command.wish.key],
        ["elections", command.wish.key],
      ];
    case "prolong":
    case "release":
    case "mend":
    case "introduce":
      return [["elections", command.wish.key]];
    case "fence":
      return latest.fences.has(command.wish.key) ? [] : [["fences", command.wish.key]];
    case "stamp":
      return [["elections", ""]];
    default:
      return [];
  }
}

type OfOne = Exclude<Command, { readonly does: "prolongAll" }>;

function carryOut(transaction: Transaction, command: OfOne, session: Session): MysqlReply {
  const { latest } = transaction;
  const now = transaction.now();
  switch (command.does) {
    case "look":
      return lookAt(latest, command.keys, session, now);
    case "watch":
      return watched(latest, command.keys);
    case "stamped": {
      const since = latest.stamp?.run === command.server.run ? latest.stamp.since : undefined;
      if (since === undefined) return found(0);
      return { ...found(0), rows: [{ since: String(since), now: String(now) }] };
    }
    case "stamp": {
      const { run } = command.server;
      if (command.server.session !== session.session) return found(0);
      const since = latest.stamp?.run === run ? latest.stamp.since : now;
      transaction.write({ stamp: { run, since } });
      return found(1);
    }
    case "fence": {
      const { key } = command.wish;
      const row = latest.elections.get(key);
      if (row === undefined || latest.fences.has(key)) return found(0);
      transaction.write({ fences: [[key, row.token]] });
      return found(1);
    }
    case "introduce": {
      const { wish, since, server } = command;
      if (latest.elections.has(wish.key) || server.session !== session.session) return found(0);
      const until = since + wish.quarantine;
      transaction.write({ elections: [[wish.key, newElection(server.run, until, until)]] });
      return found(1);
    }
    default:
      return change(transaction, command, session, now);
  }
}

type Changing = Extract<
  Command,
  { readonly does: "acquire" | "prolong" | "restore" | "release" | "mend" }
>;

/** Those that update the row of an election that is there. */
function change(
  transaction: Transaction,
  command: Changing,
  session: Session,
  now: number,
): MysqlReply {
  const { key } = command.wish;
  const row = transaction.latest.elections.get(key);
  const fence = transaction.latest.fences.get(key);
  if (row === undefined) return found(0);
  const next = changedRow(command, { row, fence, now }, session);
  if (next === undefined) return found(0);
  const raises = command.does === "acquire" || command.does === "restore";
  transaction.write({ elections: [[key, next]], fences: raises ? [[key, next.token]] : [] });
  return { ...found(1), insertId: command.does === "prolong" ? now : 0 };
}

interface Found {
  readonly row: ElectionRow;
  readonly fence: number | undefined;
  readonly now: number;
}

function changedRow(command: Changing, at: Found, session: Session): ElectionRow | undefined {
  const { row, fence, now } = at;
  const { wish } = command;
  const isOwn = row.nonce === wish.nonce;
  switch (command.does) {
    case "acquire": {
      const { seen, token } = command;
      const isSame = fence === seen.fence && row.token === seen.token && row.nonce === seen.nonce;
      const isFree = (row.nonce === "" || row.ends_at <= now) && row.waits_until <= now;
      if (!isSame || !isFree || !isInTime(command, at, session)) return undefined;
      return { ...row, ...heldBy(wish, now), token, since: seen.now };
    }
    case "prolong":
      if (!isOwn || now >= row.ends_at || !isInTime(command, at, session)) return undefined;
      return { ...row, ...heldBy(wish, now) };
    case "restore": {
      const isWaiting = now < row.waits_until;
      const mayBe =
        (isOwn && (now < row.ends_at || isWaiting)) || (row.token < wish.token && isWaiting);
      const isNewest = fence !== undefined && fence <= wish.token;
      if (!isNewest || !mayBe || !isInTime(command, at, session)) return undefined;
      return { ...row, ...heldBy(wish, now), token: wish.token, since: command.since };
    }
    case "mend":
      return command.server.session === session.session ? mended(command, row, now) : undefined;
    default:
      return isOwn && now < row.ends_at ? { ...row, nonce: "", ends_at: 0 } : undefined;
  }
}

/** On the server that was meant, which has written the row, and before the not-after. */
function isInTime(
  { wish, server }: Extract<Changing, { readonly server: unknown }>,
  { row, now }: Found,
  { session }: Session,
): boolean {
  return server.session === session && row.run === server.run && now <= wish.last;
}

function heldBy({ nonce, node_id, metadata, ttl }: SqlWish, now: number) {
  return { nonce, node_id, metadata, ttl, ends_at: now + ttl };
}

function mended(
  { wish, since, server: { run } }: Adoption,
  row: ElectionRow,
  now: number,
): ElectionRow {
  const longest = Math.max(wish.quarantine, row.ttl);
  const until = Math.max(row.waits_until, since + longest);
  const waits_until = Math.min(row.run === run ? row.waits_until : until, now + longest);
  const floor = Math.max(row.floor, waits_until);
  return { ...row, waits_until, floor, run, ends_at: Math.min(row.ends_at, now + row.ttl) };
}

function found(affected: number): MysqlReply {
  return { rows: [], affected, insertId: 0 };
}
