import type { SqlWish as Asked } from "../../../src/stores/sql/sql-questions.ts";
import type { ElectionRow } from "../memory.ts";
import type { Transaction } from "../transaction.ts";

/** A request as the statements get it. */
export type { Asked };

/** A reply as the statements give it. */
export interface Reply {
  readonly key: string;
  readonly status: string;
  readonly [name: string]: unknown;
}

/** An election as it stood when the statement began, unlocked. */
export interface Sight {
  readonly asked: Asked;
  readonly row: ElectionRow | undefined;
  readonly fence: number | undefined;
  readonly now: number;
  readonly isLive: boolean;
  /** Why nothing can be decided yet, or for a request that came too late ever. */
  readonly status: "server" | "late" | "unknown" | undefined;
}

/** `seen` and `checked` of the statements. */
export function sightOf({ seen, run, now }: Transaction, asked: Asked, known: string): Sight {
  const row = seen.elections.get(asked.key);
  const fence = seen.fences.get(asked.key);
  const at = now();
  const isLive = row !== undefined && row.nonce !== "" && at < row.ends_at;
  return { asked, row, fence, now: at, isLive, status: statusOf() };

  function statusOf(): Sight["status"] {
    if (run !== known) return "server";
    if (isLate(asked, at)) return "late";
    if (row === undefined || fence === undefined) return "unknown";
    // The clock was set back.
    if (row.ends_at > at + row.ttl) return "unknown";
    const longest = Math.max(asked.quarantine, row.ttl);
    return !isOf(row, run) || row.waits_until > at + longest ? "unknown" : undefined;
  }
}

/** Whether the time of a request is over. Asked before the lock and after it. */
export function isLate({ last }: Asked, now: number): boolean {
  return now > last;
}

/** Whether this server has written the row. Asked before the lock and after it. */
export function isOf({ run }: ElectionRow, server: string): boolean {
  return run === server;
}

/** What becomes of the row for a holder: all that acquire and renew have in common. */
export function heldBy({ nonce, node_id, metadata, ttl }: Asked, now: number) {
  return { nonce, node_id, metadata, ttl, ends_at: now + ttl };
}

/** The holder of a live lease, as it is shown. */
export function holderOf(row: ElectionRow | undefined, now: number, endsAt = row?.ends_at ?? 0) {
  if (row === undefined || row.nonce === "" || now >= endsAt) return null;
  const { node_id: node, token, since, metadata, ttl } = row;
  return { node, token, since, left: endsAt - now, metadata, ttl };
}
