import type { LeaseStore } from "../../stores/lease-store.ts";
import { type AttemptFields, unlessItFails } from "../attempt.ts";
import { expect, expectBetween } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import { marginOf, type Timed, type Trial } from "../trial.ts";

/** When a lease ends. The bounds use the times of request and answer, so that a delay breaks no rule. */
export const timeRules: readonly Rule[] = [
  {
    id: "lease-lasts-its-ttl",
    group: "time",
    title: "a lease without renewals is refused to others for its ttl, and no longer",
    async run(trial) {
      const ttl = trial.shortTtl;
      const won = await trial.timed(() => trial.attempt({ ttl }).win());
      await expectEnd(trial, won, { ttl });
    },
  },
  {
    id: "renewed-lease-lasts-its-ttl",
    group: "time",
    title: "a renewed lease is refused to others for one ttl after the renewal, and no longer",
    async run(trial) {
      const ttl = trial.shortTtl;
      for (;;) {
        const holder = trial.attempt({ ttl });
        const won = await trial.timed(() => holder.win());
        await trial.pass(20);
        const renewed = await trial.timed(() => holder.renew(won.answer.token));
        if (renewed.answer.renewed) return expectEnd(trial, renewed, { ttl });
        // A renewal may only fail if the machine was so slow that the lease had ended. Then try again.
        const isOver = renewed.answeredAt >= won.sentAt + ttl - marginOf(ttl);
        expect(isOver, "the holder must be renewed", renewed.answer);
      }
    },
  },
  {
    id: "refusal-tells-when-to-return",
    group: "time",
    title: "a refusal reports the remaining time of the lease",
    async run(trial) {
      const holder = trial.attempt();
      const granted = await trial.timed(() => holder.win());
      await trial.pass(20);
      const refused = await trial.timed(() => trial.attempt().lose("an attempt on a live lease"));
      const [min, max] = remainingAt(trial, granted, refused, holder.fields.ttl);
      const { retryIn, leader } = refused.answer;
      if (retryIn !== undefined) expectBetween(retryIn, min, max, "retryIn");
      if (leader !== undefined) expectBetween(leader.expiresIn, min, max, "leader.expiresIn");
    },
  },
  {
    id: "read-tells-what-remains",
    group: "time",
    title: "read reports the remaining time of the lease",
    async run(trial) {
      const holder = trial.attempt();
      const granted = await trial.timed(() => holder.win());
      await trial.pass(20);
      const shown = await trial.timed(() => trial.expectHolder("during a lease"));
      const [min, max] = remainingAt(trial, granted, shown, holder.fields.ttl);
      expectBetween(shown.answer.expiresIn, min, max, "expiresIn");
    },
  },
  {
    id: "renewal-counts-from-now",
    group: "time",
    title: "after a renewal the lease lasts for one ttl from then",
    async run(trial) {
      const holder = trial.attempt({ ttl: 20_000 });
      const { token } = await holder.win();
      await trial.pass(20);
      const ttl = 90_000;
      const renewed = await trial.timed(() => holder.renew(token, { ttl }));
      expect(renewed.answer.renewed, "the holder must be renewed", renewed.answer);
      const shown = await trial.timed(() => trial.expectHolder("after a renewal"));
      const [min, max] = remainingAt(trial, renewed, shown, ttl);
      expectBetween(shown.answer.expiresIn, min, max, "expiresIn after a renewal");
    },
  },
  {
    id: "ended-lease-is-not-revived",
    group: "time",
    title: "an expired lease can be neither renewed nor released, even if it is still free",
    async run(trial) {
      const holder = trial.attempt({ ttl: trial.shortTtl });
      const { token } = await holder.win();
      await trial.outlast(trial.shortTtl);
      const renewed = await holder.renew(token);
      expect(!renewed.renewed, "an ended lease must not be renewed", renewed);
      expect(renewed.reason === "superseded", "the reason must be superseded", renewed);
      const released = await holder.release();
      expect(!released.released, "an ended lease must not be released", released);
      await trial.expectNoLeader("after the attempt to renew an ended lease");
    },
  },
  {
    id: "late-acquire-has-no-effect",
    group: "time",
    title: "an acquire that is executed after its notAfter is not granted",
    async run(trial) {
      // A first request, from which a store with its own clock learns the difference between the clocks.
      await trial.read();
      const late = trial.attempt();
      const reply = await unlessItFails(late.acquire({ notAfter: trial.time.now() - 20 }));
      const isRefused = reply === undefined || (!reply.granted && reply.reason === "late");
      expect(isRefused, 'a late acquire must be refused as "late", or fail', reply);
      await trial.expectNoLeader("after a late acquire");
      await trial.attempt().win();
    },
  },
  {
    id: "late-renewal-has-no-effect",
    group: "time",
    title: "a renewal that is executed after its notAfter does not extend the lease",
    async run(trial) {
      const holder = trial.attempt({ metadata: "before" });
      const granted = await trial.timed(() => holder.win());
      const changed = { ttl: 600_000, metadata: "after", notAfter: trial.time.now() - 20 };
      const reply = await unlessItFails(holder.renew(granted.answer.token, changed));
      const isRefused = reply === undefined || (!reply.renewed && reply.reason === "late");
      expect(isRefused, 'a late renewal must be refused as "late", or fail', reply);
      const shown = await trial.timed(() => trial.expectHolder("after a late renewal"));
      const [min, max] = remainingAt(trial, granted, shown, holder.fields.ttl);
      expectBetween(shown.answer.expiresIn, min, max, "expiresIn after a late renewal");
      expect(shown.answer.metadata === "before", "metadata must stay", shown.answer.metadata);
    },
  },
  {
    id: "dates-may-differ",
    group: "time",
    title: "it makes no difference to a lease that the dates of two machines are an hour apart",
    needs: "clockOfObserver",
    async run(trial) {
      const ahead = await trial.openAhead();
      await expectElection(trial, trial.store, ahead, `${trial.key}-1`);
      await expectElection(trial, ahead, trial.store, `${trial.key}-2`);
    },
  },
];

/** A term in one store, and the next one in another. */
async function expectElection(
  trial: Trial,
  mine: LeaseStore,
  theirs: LeaseStore,
  key: string,
): Promise<void> {
  const ttl = trial.shortTtl;
  const holder = trial.attempt({ key, store: mine, ttl: 50 * ttl });
  const { token } = await holder.win();
  const rival = trial.attempt({ key, store: theirs, ttl });
  const { leader } = await rival.lose("an attempt on a live lease");
  expect(leader?.token === token, "the refusal must name the leader", leader);
  const max = 50 * ttl + trial.declared.granularity;
  expectBetween(leader.expiresIn, 0, max, "leader.expiresIn");
  expect((await holder.renew(token)).renewed, "the holder must be renewed");
  const shown = await trial.read(theirs, key);
  expect(shown?.token === token, "a store that has seen a renewal must show the holder", shown);
  const { released } = await holder.release();
  expect(released, "the holder must be able to release its lease");
  const won = await trial.timed(() => rival.win());
  expect(won.answer.token > token, `a token must be larger than ${token}`, won.answer.token);
  await expectEnd(trial, won, { key, store: mine, ttl });
}

/** Waits for the end of a lease, and fails if it does not match its beginning and ttl. */
async function expectEnd(
  trial: Trial,
  begun: Timed<unknown>,
  candidate: Partial<AttemptFields> & { readonly ttl: number },
): Promise<void> {
  const { ttl } = candidate;
  const { granularity, clock } = trial.declared;
  const surelyLive = begun.sentAt + ttl - marginOf(ttl);
  // A store that sees the lease for the first time counts from then: from the answer to its first attempt.
  let countedFrom = clock === "observer" ? undefined : begun.answeredAt;
  for (;;) {
    const next = await trial.timed(() => trial.attempt(candidate).acquire());
    if (next.answer.granted) {
      const early = surelyLive - next.answeredAt;
      expect(early <= 0, "a lease must not end before its ttl", `${early} ms before`);
      return;
    }
    countedFrom ??= next.answeredAt;
    const late = next.sentAt - (countedFrom + ttl + granularity + marginOf(ttl));
    expect(late < 0, "a lease must end after its ttl", `a refusal ${late} ms after it`);
    // Often enough to detect an early end; sometimes exactly at the time that the refusal gave.
    await trial.pass(Math.max(1, Math.min(next.answer.retryIn ?? ttl, ttl / 8)));
  }
}

/** The bounds of the remaining time that an answer reports for a lease that began with an earlier answer. */
function remainingAt(
  trial: Trial,
  begun: Timed<unknown>,
  reported: Timed<unknown>,
  ttl: number,
): [min: number, max: number] {
  const slack = marginOf(reported.answeredAt - begun.sentAt);
  // A store that has just seen the lease for the first time reports all of the time that it will wait.
  const most =
    trial.declared.clock === "observer"
      ? ttl + marginOf(ttl)
      : Math.min(begun.answeredAt + ttl - reported.sentAt, ttl);
  return [
    begun.sentAt + ttl - reported.answeredAt - slack,
    most + trial.declared.granularity + slack,
  ];
}
