import type { AcquireReply, Applied, LeaseRecord } from "../lease-store.ts";
import type { Consent, Vote } from "../redis/redis-node.ts";
import {
  type Answer,
  foremost,
  majorityOf,
  reachedByMajority,
  repliesOf,
  silentIn,
} from "./majority.ts";
import { isCertain } from "./quorum-errors.ts";

/** How a vote ended. */
export type Count =
  | { readonly outcome: "granted"; readonly since: number }
  /** Enough servers have refused, each for its own reason; `split` if no candidate is known to have won. */
  | {
      readonly outcome: "refused";
      readonly reply: Extract<AcquireReply, { granted: false }>;
      readonly split: boolean;
    }
  /** It was the servers that did not answer which were missing. */
  | { readonly outcome: "unheard" };

/** Counts the votes; nothing while it is undecided. */
export function countVotes(answers: readonly Answer<Vote>[]): Count | undefined {
  const majority = majorityOf(answers.length);
  const votes = repliesOf(answers);
  const grants = votes.filter((vote) => vote.granted);
  if (grants.length >= majority) {
    return { outcome: "granted", since: reachedByMajority(grants.map(({ since }) => since)) };
  }
  const isLost = grants.length + silentIn(answers) < majority;
  const count = countRefusals(answers);
  const isClear = count.outcome === "refused" && !count.split;
  if (isLost && (isClear || grants.length > 0)) return count;
  // Every server that is up and not behind is heard. But our own votes are in the way of others, and are not kept
  // for servers that may never answer.
  if (answers.some((answer) => answer.state === "silent" && !answer.behind)) return undefined;
  return isLost || (grants.length > 0 && votes.length > grants.length) ? count : undefined;
}

function countRefusals(answers: readonly Answer<Vote>[]): Count {
  const majority = majorityOf(answers.length);
  const votes = repliesOf(answers).filter((vote) => vote.granted || vote.reason !== "late");
  const refusals = votes.filter((vote) => !vote.granted);
  const leading = foremost(refusals.map(leaderOf), answers.length);
  const waits = answers.map((answer) => waitOf(answer));
  if (leading !== undefined && leading.votes >= majority) {
    const { record: leader } = leading;
    return refused({ reason: "held", leader, retryIn: finite(reachedByMajority(waits)) });
  }
  const quarantined = refusals.filter(({ reason }) => reason === "quarantine").length;
  if (quarantined > answers.length - majority) {
    const retryIn = finite(reachedByMajority(waits));
    return refused({ reason: "quarantine", leader: leading?.record, retryIn });
  }
  // A candidate with a few votes only will give them back.
  if (votes.length - quarantined < majority) return { outcome: "unheard" };
  const retryIn = finite(reachedByMajority(waits));
  return { ...refused({ reason: "held", leader: undefined, retryIn }), split: true };
}

function refused(reply: Omit<Extract<AcquireReply, { granted: false }>, "granted">) {
  return { outcome: "refused", reply: { granted: false, ...reply }, split: false } as const;
}

/**
 * Whether an attempt that is given up may have a majority all the same, until its votes have been taken
 * back: then they keep all candidates out.
 */
export function appliedIn(answers: readonly Answer<Vote>[]): Applied {
  const possible = answers.filter(
    (answer) => !isCertain(answer) || (answer.state === "said" && hasVote(answer.reply)),
  );
  return possible.length >= majorityOf(answers.length) ? "maybe" : "no";
}

/** Also if it says that it has given its vote to this attempt before. */
function hasVote(vote: Vote): boolean {
  return vote.granted || (vote.reason !== "outbid" && vote.applied === "maybe");
}

function leaderOf(vote: Vote): LeaseRecord | undefined {
  return vote.granted || vote.reason === "outbid" ? undefined : vote.leader;
}

/** In how many ms this server may vote for us. */
function waitOf(answer: Answer<Vote>): number {
  if (answer.state !== "said") return Number.POSITIVE_INFINITY;
  if (answer.reply.granted) return 0;
  return answer.reply.retryIn ?? Number.POSITIVE_INFINITY;
}

function finite(wait: number): number | undefined {
  return Number.isFinite(wait) ? wait : undefined;
}

/**
 * Whether a renewal is a vote: not of a server in quarantine, unless it is among the `voters` on which the
 * trust in the term rests (see `voters.ts`).
 */
export function counts(consent: Consent, server: number, voters: ReadonlySet<number>): boolean {
  return consent.renewed && (consent.how !== "quarantined" || voters.has(server));
}

/**
 * Whether a majority has renewed, or so many refuse that none can; nothing while it is undecided. Those
 * that join do so in place of a minority: where more of them had no lease, it had ended.
 */
export function countConsents(
  answers: readonly Answer<Consent>[],
  voters: ReadonlySet<number>,
): "renewed" | "superseded" | "unheard" | undefined {
  const majority = majorityOf(answers.length);
  const replies = repliesOf(answers);
  const renewed = answers.filter(
    (answer, server) => answer.state === "said" && counts(answer.reply, server, voters),
  ).length;
  const superseded = replies.filter((reply) => !reply.renewed && reply.reason === "superseded");
  const joined = replies.filter((reply) => reply.renewed && reply.how === "joined").length;
  if (joined > answers.length - majority) return "superseded";
  if (renewed >= majority) return "renewed";
  if (superseded.length > answers.length - majority) return "superseded";
  return renewed + silentIn(answers) < majority ? "unheard" : undefined;
}

/** What the servers know of the leader; nothing while it is undecided. */
export type Sighting = { readonly leader: LeaseRecord | undefined } | "unheard" | undefined;

/** Finds the leader that a majority has a live lease of. */
export function countRecords(answers: readonly Answer<LeaseRecord | undefined>[]): Sighting {
  const majority = majorityOf(answers.length);
  const records = repliesOf(answers);
  const leading = foremost(records, answers.length);
  const votes = leading?.votes ?? 0;
  if (leading !== undefined && votes >= majority) return { leader: leading.record };
  // For all we know another candidate leads, if those that we do not hear have its lease too.
  const unheard = answers.length - records.length;
  if (votes + unheard < majority) return { leader: undefined };
  return silentIn(answers) > 0 ? undefined : "unheard";
}
