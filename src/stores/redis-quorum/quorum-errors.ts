import { asStoreError, StoreError, type StoreErrorCode } from "../../errors.ts";
import type { LeaseRecord } from "../lease-store.ts";
import type { Consent, Vote } from "../redis/redis-node.ts";
import { type Answer, majorityOf } from "./majority.ts";
import type { QuorumNode } from "./quorum-node.ts";

/** No majority: an error that says of each server, by name, what it answered or why it did not. */
export function noMajority<Reply>(
  nodes: readonly QuorumNode[],
  answers: readonly Answer<Reply>[],
  describe: (reply: Reply) => string,
): StoreError {
  const servers = nodes.length === 1 ? "1 Redis server" : `${nodes.length} Redis servers`;
  const each = nodes.map(({ name }, index) => `${name}: ${causeOf(answers[index], describe)}`);
  const message = `${majorityOf(nodes.length)} of ${servers} are needed: ${each.join("; ")}.`;
  const errors = answers.flatMap((answer) => (answer.state === "failed" ? [answer.error] : []));
  const applied = answers.every((answer) => isCertain(answer)) ? "no" : "maybe";
  return new StoreError(codeOf(errors.map(asStoreError)), message, {
    cause: new AggregateError(errors),
    applied,
  });
}

/** The error of an attempt that was not granted, and may be all the same. */
export function voteOnItsWay(): StoreError {
  const message = "A vote may still be on its way.";
  return new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "maybe" });
}

/** Whether what was asked is known not to have been done unheard. */
export function isCertain(answer: Answer<unknown>): boolean {
  if (answer.state === "failed") return asStoreError(answer.error).applied === "no";
  return answer.state === "said";
}

/** The code that all failures have in common, if they have one. */
function codeOf(errors: readonly StoreError[]): StoreErrorCode {
  const [first, ...others] = errors.map(({ code }) => code);
  const isCommon = first !== undefined && others.every((code) => code === first);
  return isCommon ? first : "INCUMBENT_STORE_UNAVAILABLE";
}

function causeOf<Reply>(
  answer: Answer<Reply> | undefined,
  describe: (reply: Reply) => string,
): string {
  if (answer === undefined || answer.state === "silent") return "no answer yet";
  return answer.state === "said" ? describe(answer.reply) : failure(asStoreError(answer.error));
}

function failure({ code, detail }: StoreError): string {
  return code === "INCUMBENT_STORE_TIMEOUT" ? "timed out" : detail;
}

/** What a server said to a request for the lease. */
export function describeVote(vote: Vote): string {
  if (vote.granted) return "granted";
  switch (vote.reason) {
    case "held":
      return holder(vote.leader) ?? "held";
    case "quarantine":
      return vote.retryIn === undefined ? "quarantined" : `quarantined ${seconds(vote.retryIn)}`;
    case "outbid":
      return "has seen a later token";
    case "late":
      return "reached too late";
  }
}

/** What a server said to a renewal. */
export function describeConsent(consent: Consent): string {
  if (consent.renewed) return consent.how === "held" ? "renewed" : consent.how;
  if (consent.reason === "late") return "reached too late";
  return holder(consent.leader) ?? "the lease is gone";
}

/** What a server said to a question for the leader. */
export function describeRecord(record: LeaseRecord | undefined): string {
  return holder(record) ?? "no leader";
}

function holder(leader: LeaseRecord | undefined): string | undefined {
  return leader && `held by ${leader.nodeId} for ${seconds(leader.expiresIn)}`;
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? `${Math.max(ms / 1000, 0).toFixed(1)} s` : "ever";
}
