import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { StoreError } from "../../../src/errors.ts";
import type { LeaseRecord } from "../../../src/stores/lease-store.ts";
import type { Consent, Vote } from "../../../src/stores/redis/redis-node.ts";
import { type Answer, majorityOf } from "../../../src/stores/redis-quorum/majority.ts";
import {
  appliedIn,
  countConsents,
  countRecords,
  countVotes,
} from "../../../src/stores/redis-quorum/quorum-count.ts";

const said = <Reply>(reply: Reply): Answer<Reply> => ({ state: "said", reply });
const failed: Answer<never> = { state: "failed", error: new Error("gone") };
const silent: Answer<never> = { state: "silent", behind: false };
const behind: Answer<never> = { state: "silent", behind: true };

const leader = (fields: Partial<LeaseRecord> = {}): LeaseRecord => ({
  nodeId: "leader",
  token: 7,
  since: 0,
  expiresIn: 900,
  metadata: undefined,
  ...fields,
});
const granted = said<Vote>({ granted: true, token: 9, since: 5 });
const heldBy = (record: LeaseRecord) =>
  said<Vote>({ granted: false, reason: "held", leader: record, retryIn: record.expiresIn });
const held = heldBy(leader());
const rival = heldBy(leader({ nodeId: "rival", token: 9 }));
const outbid = said<Vote>({ granted: false, reason: "outbid", retryIn: 0 });
const late = said<Vote>({
  granted: false,
  reason: "late",
  leader: undefined,
  retryIn: undefined,
});
const quarantined = said<Vote>({
  granted: false,
  reason: "quarantine",
  leader: undefined,
  retryIn: 4000,
});

describe("a vote", () => {
  test("is won as soon as a majority has granted, whatever the others say or do", () => {
    for (const other of [silent, behind, failed, held, quarantined]) {
      expect(countVotes([granted, other, granted])).toMatchObject({ outcome: "granted" });
    }
  });

  test("was won when the last of the majority gave its vote", () => {
    const later = said<Vote>({ granted: true, token: 9, since: 8 });
    expect(countVotes([later, silent, granted])).toEqual({ outcome: "granted", since: 8 });
  });

  test("is open while a majority can still grant", () => {
    expect(countVotes([granted, silent, silent])).toBeUndefined();
    expect(countVotes([granted, failed, silent])).toBeUndefined();
    expect(countVotes([held, silent, silent])).toBeUndefined();
  });

  test("is lost to a leader that a majority names, whose lease says when to come back", () => {
    const other = heldBy(leader({ expiresIn: 950 }));
    const reply = { reason: "held", leader: leader(), retryIn: 950 };
    expect(countVotes([held, other, silent])).toMatchObject({
      outcome: "refused",
      split: false,
      reply,
    });
  });

  test("waits to hear who leads while no vote of ours is in the way of others", () => {
    expect(countVotes([held, rival, silent])).toBeUndefined();
    expect(countVotes([held, rival, behind])).toMatchObject({ split: true });
    expect(countVotes([held, rival, held])).toMatchObject({ split: false });
    expect(countVotes([failed, failed, silent])).toBeUndefined();
    expect(countVotes([held, behind, behind])).toBeUndefined();
  });

  test("does not wait for that while one is", () => {
    const third = heldBy(leader({ nodeId: "third", token: 8 }));
    expect(countVotes([granted, held, rival, third, silent])).toMatchObject({ split: true });
  });

  test("is split if no candidate has a majority", () => {
    expect(countVotes([granted, rival, held])).toMatchObject({
      outcome: "refused",
      split: true,
      reply: { reason: "held", leader: undefined, retryIn: 900 },
    });
    const soon = heldBy(leader({ nodeId: "soon", token: 8, expiresIn: 500 }));
    expect(countVotes([granted, soon, held])).toMatchObject({ reply: { retryIn: 500 } });
    expect(countVotes([granted, outbid, outbid])).toMatchObject({
      split: true,
      reply: { retryIn: 0 },
    });
  });

  test("that is split is not held for servers that owe an answer", () => {
    expect(countVotes([granted, rival, silent])).toBeUndefined();
    expect(countVotes([granted, rival, behind])).toMatchObject({ split: true });
    // Here no other candidate asks, so there is time.
    expect(countVotes([granted, behind, behind])).toBeUndefined();
  });

  test("waits for the quarantine if without those servers there is no majority", () => {
    expect(countVotes([quarantined, granted, quarantined])).toMatchObject({
      outcome: "refused",
      split: false,
      reply: { reason: "quarantine", retryIn: 4000 },
    });
    expect(countVotes([quarantined, granted, rival])).toMatchObject({ split: true });
    expect(countVotes([quarantined, granted, granted])).toMatchObject({ outcome: "granted" });
  });

  test("fails for want of those that did not answer, or too late", () => {
    for (const votes of [
      [granted, failed, failed],
      [held, failed, failed],
      [quarantined, granted, failed],
      [late, late, granted],
    ]) {
      expect(countVotes(votes)).toEqual({ outcome: "unheard" });
    }
  });

  const answers = fc.array(
    fc.constantFrom(...[granted, held, rival, outbid, late, quarantined, failed, silent, behind]),
    { minLength: 1, maxLength: 7 },
  );

  test("is granted by a majority of all servers and by nothing less", () => {
    fc.assert(
      fc.property(answers, (all) => {
        const grants = all.filter((answer) => answer === granted).length;
        const isGranted = countVotes(all)?.outcome === "granted";
        expect(isGranted).toBe(grants >= majorityOf(all.length));
      }),
    );
  });

  test("is decided when all have answered", () => {
    const settled = answers.filter((all) => all.every(({ state }) => state !== "silent"));
    fc.assert(fc.property(settled, (all) => countVotes(all) !== undefined));
  });
});

describe("an attempt that is given up", () => {
  const unsent: Answer<never> = {
    state: "failed",
    error: new StoreError("INCUMBENT_STORE_UNAVAILABLE", "refused", { applied: "no" }),
  };

  test("may have a majority while so many votes are not known to be refused", () => {
    expect(appliedIn([outbid, granted, silent])).toBe("maybe");
    expect(appliedIn([outbid, failed, behind])).toBe("maybe");
    expect(appliedIn([granted, granted, outbid])).toBe("maybe");
    const own = { granted: false, reason: "held", leader: leader(), retryIn: 900 } as const;
    const repeated = said<Vote>({ ...own, applied: "maybe" });
    expect(appliedIn([repeated, repeated, outbid])).toBe("maybe");
  });

  test("has none if a majority has refused, or was never asked", () => {
    expect(appliedIn([outbid, held, silent])).toBe("no");
    expect(appliedIn([outbid, unsent, granted])).toBe("no");
  });
});

describe("a renewal", () => {
  const renewed = said<Consent>({ renewed: true, how: "held" });
  const doubtful = said<Consent>({ renewed: true, how: "quarantined" });
  const none: ReadonlySet<number> = new Set();
  const superseded = said<Consent>({ renewed: false, reason: "superseded", leader: undefined });
  const tooLate = said<Consent>({ renewed: false, reason: "late", leader: undefined });

  test("counts when a majority has renewed", () => {
    expect(countConsents([renewed, silent, renewed], none)).toBe("renewed");
    expect(countConsents([renewed, superseded, renewed], none)).toBe("renewed");
    expect(countConsents([renewed, silent, superseded], none)).toBeUndefined();
  });

  test("is joined in place of a minority, and not of more: that lease had ended", () => {
    const joined = said<Consent>({ renewed: true, how: "joined" });
    expect(countConsents([renewed, joined, silent], none)).toBe("renewed");
    expect(countConsents([joined, joined, silent], none)).toBe("superseded");
    expect(countConsents([joined, silent, silent], none)).toBeUndefined();
    expect(countConsents([joined, renewed, joined, silent, silent], none)).toBe("renewed");
    expect(countConsents([joined], none)).toBe("superseded");
  });

  test("is superseded only when so many say so that no majority is left", () => {
    expect(countConsents([superseded, silent, superseded], none)).toBe("superseded");
    expect(countConsents([superseded, superseded, silent, silent], none)).toBe("superseded");
    expect(countConsents([superseded, failed, failed], none)).toBe("unheard");
    expect(countConsents([renewed, superseded, failed], none)).toBe("unheard");
    expect(countConsents([tooLate, tooLate, tooLate], none)).toBe("unheard");
  });

  test("F: does not count in a quarantine, except if the trust rests on that server's vote", () => {
    expect(countConsents([renewed, doubtful, failed], none)).toBe("unheard");
    expect(countConsents([renewed, doubtful, failed], new Set([0, 2]))).toBe("unheard");
    expect(countConsents([renewed, doubtful, failed], new Set([0, 1]))).toBe("renewed");
  });
});

describe("a look at the leader", () => {
  const records = (...all: (LeaseRecord | undefined)[]) => all.map((record) => said(record));
  const none = undefined;

  test("finds the one that a majority names", () => {
    expect(countRecords([...records(leader(), leader()), silent])).toEqual({ leader: leader() });
  });

  test("finds none if no majority can name one", () => {
    expect(countRecords([...records(none, none), silent])).toEqual({ leader: undefined });
    expect(countRecords(records(none, leader(), leader({ token: 8 })))).toEqual({
      leader: undefined,
    });
  });

  test("never reports that there is no leader if there may be one", () => {
    expect(countRecords([...records(none, leader()), failed])).toBe("unheard");
    expect(countRecords([...records(none), failed, failed])).toBe("unheard");
    expect(countRecords([...records(none, leader()), silent])).toBeUndefined();
  });
});
