import type { ElectionRow } from "../memory.ts";
import type { Notice, Statement, Transaction } from "../transaction.ts";
import {
  type Asked,
  heldBy,
  holderOf,
  isLate,
  isOf,
  type Reply,
  type Sight,
  sightOf,
} from "./asked.ts";

/** The statement `acquire`. */
export function* acquire(
  transaction: Transaction,
  requests: readonly Asked[],
  known: string,
): Statement<readonly Reply[]> {
  const judged = requests.map((asked) => judge(sightOf(transaction, asked, known)));
  yield "pause";
  const locked = judged.filter(({ status, sight }) => {
    const { key } = sight.asked;
    return (
      status === "raced" && transaction.lock("fences", key) && transaction.lock("elections", key)
    );
  });
  const { latest } = transaction;
  const decided = locked.map(({ sight }) => ({ ...sight, now: transaction.now() }));
  const won = new Map<string, ElectionRow>();
  for (const { asked, now } of decided) {
    const row = latest.elections.get(asked.key);
    const fence = latest.fences.get(asked.key);
    if (row === undefined || fence === undefined) continue;
    if (!mayBeElected(transaction, row, asked, now)) continue;
    const token = Math.max(row.token + 1, fence + 1, row.floor + 1, asked.token + 1, now);
    won.set(asked.key, { ...row, ...heldBy(asked, now), since: now, token });
  }
  transaction.write({
    elections: [...won],
    fences: [...won].map(([key, { token }]) => [key, token]),
  });
  yield "pause";
  const notices = [...won.keys()].map((key): Notice => ({ key, hint: "changed" }));
  return { answer: judged.map((each) => replyOf(each, won, transaction.run)), notices };
}

interface Judged {
  readonly sight: Sight;
  readonly status: string;
}

function judge(sight: Sight): Judged {
  const { status, isLive, now, row } = sight;
  const isWaiting = now < (row?.waits_until ?? 0);
  return { sight, status: status ?? (isLive ? "held" : isWaiting ? "quarantine" : "raced") };
}

function mayBeElected({ run }: Transaction, row: ElectionRow, asked: Asked, now: number): boolean {
  const isFree = row.nonce === "" || now >= row.ends_at;
  return !isLate(asked, now) && now >= row.waits_until && isFree && isOf(row, run);
}

function replyOf(
  { sight, status }: Judged,
  won: ReadonlyMap<string, ElectionRow>,
  run: string,
): Reply {
  const { asked, row, now, isLive } = sight;
  const lease = won.get(asked.key);
  return {
    key: asked.key,
    ...{ run, now, status: lease === undefined ? status : "granted" },
    ...{ token: lease?.token ?? null, since: lease?.since ?? null },
    waits: row === undefined ? null : row.waits_until - now,
    own: row === undefined ? null : isLive && row.nonce === asked.nonce,
    holder: holderOf(row, now),
  };
}
