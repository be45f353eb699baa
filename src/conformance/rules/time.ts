import { unlessItFails } from "../attempt.ts";
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
      await expectEnd(trial, won, ttl);
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
        if (renewed.answer.renewed) return expectEnd(trial, renewed, ttl);
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
      await trial.expectNobody("after the attempt to renew an ended lease");
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
      await trial.expectNobody("after a late acquire");
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
];

/** Waits for the end of a lease, and fails if it does not match its beginning and ttl. */
async function expectEnd(trial: Trial, begun: Timed<unknown>, ttl: number): Promise<void> {
  const surelyLive = begun.sentAt + ttl - marginOf(ttl);
  const surelyOver = begun.answeredAt + ttl + trial.declared.granularity + marginOf(ttl);
  for (;;) {
    const next = await trial.timed(() => trial.attempt({ ttl }).acquire());
    if (next.answer.granted) {
      const early = surelyLive - next.answeredAt;
      expect(early <= 0, "a lease must not end before its ttl", `${early} ms before`);
      return;
    }
    const late = next.sentAt - surelyOver;
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
  return [
    begun.sentAt + ttl - reported.answeredAt - slack,
    Math.min(begun.answeredAt + ttl - reported.sentAt, ttl) + trial.declared.granularity + slack,
  ];
}
