import { describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { LeaseRecord } from "../../../src/stores/lease-store.ts";
import { guardSettings } from "../../../src/stores/redis/guard-settings.ts";
import type { Answer } from "../../../src/stores/redis-quorum/majority.ts";
import {
  describeConsent,
  describeRecord,
  describeVote,
  noMajority,
  voteOnItsWay,
} from "../../../src/stores/redis-quorum/quorum-errors.ts";
import { QuorumNode } from "../../../src/stores/redis-quorum/quorum-node.ts";

const said = (reply: string): Answer<string> => ({ state: "said", reply });
const silent: Answer<string> = { state: "silent", behind: false };
const failed = (...args: ConstructorParameters<typeof StoreError>): Answer<string> => ({
  state: "failed",
  error: new StoreError(...args),
});
const timeout = (applied: "no" | "maybe") =>
  failed("INCUMBENT_STORE_TIMEOUT", "Redis did not answer in time.", { applied });
const refused = (applied: "no" | "maybe" = "no") =>
  failed("INCUMBENT_STORE_UNAVAILABLE", "Redis cannot be reached: refused.", {
    ...{ applied, detail: "refused" },
  });

/** The error of servers a, b and so on that have answered so. */
function errorOf(...answers: Answer<string>[]): StoreError {
  const nodes = answers.map(
    (_, index) =>
      new QuorumNode(
        String.fromCharCode("a".charCodeAt(0) + index),
        `redis://127.0.0.1:${index + 1}`,
        guardSettings([], {}),
      ),
  );
  return noMajority(nodes, answers, (reply) => reply.toUpperCase());
}

describe("the error of no majority", () => {
  test("says of each server what it answered, or why it did not", () => {
    expect(errorOf(said("held"), timeout("no"), refused(), silent, said("late")).message).toBe(
      "3 of 5 Redis servers are needed: a: HELD; b: timed out; c: refused; d: no answer yet; e: LATE.",
    );
    expect(errorOf(refused()).message).toBe("1 of 1 Redis server are needed: a: refused.");
  });

  test("has the code that all failures have in common, and that of an outage if they differ", () => {
    expect(errorOf(timeout("no"), said("held"), timeout("no")).code).toBe(
      "INCUMBENT_STORE_TIMEOUT",
    );
    expect(errorOf(timeout("no"), timeout("no"), refused()).code).toBe(
      "INCUMBENT_STORE_UNAVAILABLE",
    );
    expect(errorOf(said("late"), said("late")).code).toBe("INCUMBENT_STORE_UNAVAILABLE");
  });

  test("was certainly not carried out only if that is so on every server", () => {
    expect(errorOf(refused(), said("late"), timeout("no")).applied).toBe("no");
    for (const other of [silent, timeout("maybe"), refused("maybe")]) {
      expect(errorOf(refused(), said("late"), other).applied).toBe("maybe");
    }
  });

  test("has the failures as its cause, and nothing else", () => {
    const failure = refused();
    const { cause } = errorOf(failure, said("held"), silent);
    expect(cause).toMatchObject({ errors: failure.state === "failed" ? [failure.error] : [] });
  });

  test("of a release that a vote may follow says that nothing is certain", () => {
    expect(voteOnItsWay()).toMatchObject({
      ...{ code: "INCUMBENT_STORE_REFUSED", message: "A vote may still be on its way." },
      applied: "maybe",
    });
  });
});

const leader: LeaseRecord = {
  ...{ nodeId: "api-7", token: 7, since: 0, expiresIn: 1450, metadata: undefined },
};

describe("what a server said", () => {
  test("to a request for the lease", () => {
    expect(describeVote({ granted: true, token: 9, since: 5 })).toBe("granted");
    const refusal = { granted: false, leader: undefined, retryIn: undefined } as const;
    expect(describeVote({ ...refusal, reason: "held" })).toBe("held");
    expect(describeVote({ ...refusal, reason: "held", leader })).toBe("held by api-7 for 1.4 s");
    expect(describeVote({ ...refusal, reason: "quarantine" })).toBe("quarantined");
    expect(describeVote({ ...refusal, reason: "quarantine", retryIn: 4000 })).toBe(
      "quarantined 4.0 s",
    );
    expect(describeVote({ ...refusal, reason: "late" })).toBe("reached too late");
    expect(describeVote({ granted: false, reason: "outbid", retryIn: 0 })).toBe(
      "has seen a later token",
    );
  });

  test("to a renewal", () => {
    expect(describeConsent({ renewed: true, how: "held" })).toBe("renewed");
    expect(describeConsent({ renewed: true, how: "joined" })).toBe("joined");
    expect(describeConsent({ renewed: false, reason: "late", leader })).toBe("reached too late");
    const superseded = { renewed: false, reason: "superseded" } as const;
    expect(describeConsent({ ...superseded, leader })).toBe("held by api-7 for 1.4 s");
    expect(describeConsent({ ...superseded, leader: undefined })).toBe("the lease is gone");
  });

  test("to a question for the leader, whose lease may just have ended, or never ends", () => {
    expect(describeRecord(undefined)).toBe("no leader");
    expect(describeRecord({ ...leader, expiresIn: -5 })).toBe("held by api-7 for 0.0 s");
    const forEver = { ...leader, expiresIn: Number.POSITIVE_INFINITY };
    expect(describeRecord(forEver)).toBe("held by api-7 for ever");
  });
});
