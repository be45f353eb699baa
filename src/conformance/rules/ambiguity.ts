import { asStoreError, StoreError } from "../../errors.ts";
import type { Attempt } from "../attempt.ts";
import { BrokenRule, expect } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

/** Requests that arrive twice, late, in another order, or after their sender has given up. */
export const ambiguityRules: readonly Rule[] = [
  {
    id: "repeated-acquire-grants-once",
    group: "ambiguity",
    title: "an acquire that arrives twice is granted once, and does not extend the lease",
    async run(trial) {
      const attempt = trial.attempt();
      const { token } = await attempt.win();
      const again = await attempt.lose("the second of two identical acquires", { ttl: 600_000 });
      const { leader } = again;
      expect(leader?.token === token, "the second acquire must not change the token", again);
      const { expiresIn } = await trial.expectHolder("after a repeated acquire");
      const { ttl } = attempt.fields;
      const max = ttl + trial.declared.granularity;
      expect(expiresIn <= max, "the second acquire must not extend the lease", expiresIn);
    },
  },
  {
    id: "repeated-release-is-harmless",
    group: "ambiguity",
    title: "a second release reports that it released nothing, and does not affect the successor",
    async run(trial) {
      const holder = trial.attempt();
      await holder.win();
      await holder.release();
      const second = await holder.release();
      expect(!second.released, "a second release has nothing to release", second);
      const successor = trial.attempt();
      const { token } = await successor.win();
      const third = await holder.release();
      expect(!third.released, "a late release must not affect the successor", third);
      const renewed = await successor.renew(token);
      expect(renewed.renewed, "the successor must keep its lease", renewed);
    },
  },
  {
    id: "release-may-overtake-acquire",
    group: "ambiguity",
    title:
      "a release that arrives before its acquire releases nothing, and the acquire still works",
    async run(trial) {
      const attempt = trial.attempt();
      const early = await attempt.release();
      expect(!early.released, "there must be nothing to release yet", early);
      await attempt.win();
      const released = await attempt.release();
      expect(released.released, "the lease that came later must be released", released);
      await trial.attempt().win();
    },
  },
  {
    id: "renewal-after-release-revives-nothing",
    group: "ambiguity",
    title: "a renewal that arrives after the release is refused as superseded",
    async run(trial) {
      const holder = trial.attempt();
      const { token } = await holder.win();
      await holder.release();
      const reply = await holder.renew(token);
      expect(!reply.renewed, "a released lease must not be renewed", reply);
      expect(reply.reason === "superseded", "the reason must be superseded", reply);
      await trial.expectNoLeader("after the renewal of a released lease");
    },
  },
  {
    id: "old-term-spares-its-successor",
    group: "ambiguity",
    title:
      "a holder whose lease has expired can neither renew nor release the lease of its successor",
    async run(trial) {
      const old = trial.attempt({ ttl: trial.shortTtl });
      const { token } = await old.win();
      await trial.outlast(trial.shortTtl);
      const successor = trial.attempt();
      const won = await successor.win();
      const renewed = await old.renew(token);
      expect(!renewed.renewed, "the old holder must not be renewed", renewed);
      const released = await old.release();
      expect(!released.released, "the old holder must release nothing", released);
      const shown = await trial.expectHolder("after requests of the old holder");
      expect(shown.token === won.token, `token ${won.token} must lead`, shown);
    },
  },
  {
    id: "unknown-attempt-has-nothing",
    group: "ambiguity",
    title: "a renewal by an attempt that never won is refused as superseded",
    async run(trial) {
      // The store must know the election: of an unknown one it may accept a renewal, as after a loss of data.
      const former = trial.attempt();
      const { token } = await former.win();
      await former.release();
      const reply = await trial.attempt().renew(token);
      expect(!reply.renewed, "an attempt that never won must not be renewed", reply);
      expect(reply.reason === "superseded", "the reason must be superseded", reply);
      await trial.expectNoLeader("after a renewal by an attempt that never won");
    },
  },
  {
    id: "late-release-tells-the-truth",
    group: "ambiguity",
    title: "a release that is executed after its notAfter reports whether the lease is free",
    async run(trial) {
      const holder = trial.attempt();
      await holder.win();
      const { released } = await holder.release({ notAfter: trial.time.now() - 20 });
      const next = await trial.attempt().acquire();
      const claim = released
        ? "a released lease must be free"
        : "a lease that was not released must be held";
      expect(next.granted === released, claim, next);
    },
  },
  {
    id: "abort-tells-the-truth",
    group: "ambiguity",
    title: "an aborted acquire that reports no effect has none",
    async run(trial) {
      for (const before of [true, false]) {
        const attempt = trial.attempt();
        const outcome = await acquireAborted(trial, attempt, before);
        // After this time, a request that is still under way must be refused as late.
        await trial.pass(60);
        const shown = await trial.read();
        const granted = `an acquire that ${outcome} must not hold the lease`;
        if (outcome === "was not applied") expect(shown === undefined, granted, shown);
        if (outcome === "was refused") expect(shown === undefined, granted, shown);
        if (outcome === "was granted") expect(shown !== undefined, "a granted lease must be held");
        await attempt.release();
      }
    },
  },
  {
    id: "aborted-acquire-can-be-cleaned-up",
    group: "ambiguity",
    title: "a release frees a lease that an aborted acquire with the same nonce may have left",
    async run(trial) {
      const attempt = trial.attempt();
      await acquireAborted(trial, attempt, false);
      await trial.pass(60);
      await attempt.release();
      await trial.attempt().win();
    },
  },
];

type Outcome = "was granted" | "was refused" | "was not applied" | "may have been applied";

/** Sends an acquire whose signal is aborted before or after the request is sent. */
async function acquireAborted(trial: Trial, attempt: Attempt, before: boolean): Promise<Outcome> {
  const controller = new AbortController();
  const gaveUp = "The store did not answer in time.";
  const reason = new StoreError("INCUMBENT_STORE_TIMEOUT", gaveUp, { applied: "maybe" });
  if (before) controller.abort(reason);
  const { signal } = controller;
  const asked = attempt.acquire({ signal, notAfter: trial.time.now() + 50 });
  controller.abort(reason);
  try {
    return (await asked).granted ? "was granted" : "was refused";
  } catch (error) {
    if (error instanceof BrokenRule) throw error;
    expect(error instanceof Error, "a request must fail with an Error", error);
    return asStoreError(error).applied === "no" ? "was not applied" : "may have been applied";
  }
}
