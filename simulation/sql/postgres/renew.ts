import type { ElectionRow } from "../memory.ts";
import type { Notice, Statement, Transaction } from "../transaction.ts";
import { type Asked, heldBy, isLate, isOf, type Reply, type Sight, sightOf } from "./asked.ts";

/** The statement `renew`: prolongs a lease, or restores one that was lost. */
export function* renew(
  transaction: Transaction,
  requests: readonly Asked[],
  known: string,
): Statement<readonly Reply[]> {
  const judged = requests.map((asked) => judge(sightOf(transaction, asked, known)));
  yield "pause";
  const locked = judged.filter(({ status, sight }) => {
    if (status !== "raced") return false;
    const { key, token } = sight.asked;
    if (sight.fence !== token) {
      if (!transaction.lock("fences", key)) return false;
      if ((transaction.latest.fences.get(key) ?? 0) > token) return false;
    }
    return transaction.lock("elections", key);
  });
  const decided = locked.map(({ sight }) => ({ ...sight, now: transaction.now() }));
  const done = new Map<string, ElectionRow>();
  const raised: [string, number][] = [];
  const notices: Notice[] = [];
  for (const { asked, now, fence } of decided) {
    const { key } = asked;
    const row = transaction.latest.elections.get(key);
    if (row === undefined || !mayGoOn(transaction, row, asked, now)) continue;
    const since = row.nonce === asked.nonce ? row.since : asked.token;
    done.set(key, { ...row, ...heldBy(asked, now), since, token: asked.token });
    if (fence !== asked.token && (transaction.latest.fences.get(key) ?? 0) < asked.token) {
      raised.push([key, asked.token]);
    }
    if (isNews(row, asked)) notices.push({ key, hint: "changed" });
  }
  transaction.write({ elections: [...done], fences: raised });
  yield "pause";
  const { run } = transaction;
  const answer = judged.map(({ sight: { asked, now }, status }) => {
    return { key: asked.key, run, now, status: done.has(asked.key) ? "renewed" : status };
  });
  return { answer, notices };
}

interface Judged {
  readonly sight: Sight;
  readonly status: string;
}

function judge(sight: Sight): Judged {
  return { sight, status: sight.status ?? decisionOn(sight) };
}

function decisionOn({ asked, row, fence = 0, now, isLive }: Sight): "raced" | "superseded" {
  if (row === undefined || fence > asked.token) return "superseded";
  const isQuarantined = now < row.waits_until;
  if (row.nonce === asked.nonce && (isLive || isQuarantined)) return "raced";
  return isQuarantined && row.token < asked.token ? "raced" : "superseded";
}

function mayGoOn({ run }: Transaction, row: ElectionRow, asked: Asked, now: number): boolean {
  if (isLate(asked, now) || !isOf(row, run)) return false;
  const isQuarantined = now < row.waits_until;
  const isOwn = row.nonce === asked.nonce && (now < row.ends_at || isQuarantined);
  return isOwn || (isQuarantined && row.token < asked.token);
}

function isNews(row: ElectionRow, { nonce, node_id, metadata }: Asked): boolean {
  return row.nonce !== nonce || row.node_id !== node_id || row.metadata !== metadata;
}
