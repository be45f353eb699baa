import { expectShape, expectTexts } from "../answers.ts";
import { type Attempt, unlessItFails } from "../attempt.ts";
import { expect } from "../expectations.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

/** The shape of answers, and whether a release reports its effect correctly. */
export const answerRules: readonly Rule[] = [
  {
    id: "answers-have-their-shape",
    group: "answers",
    title: "every field of an answer is present and has the type that the contract requires",
    async run(trial) {
      const holder = trial.attempt();
      const granted = await holder.win();
      expectShape("acquire", granted, "granted");
      const refused = await trial.attempt().lose("an attempt on a live lease");
      expectShape("acquire", refused, "refused");
      if (refused.leader !== undefined) expectShape("acquire", refused.leader, "holder");
      expectShape("read", await trial.read(), "holder");
      expectShape("renew", await holder.renew(granted.token), "renewed");
      expectShape("renew", await trial.attempt().renew(granted.token), "not renewed");
      expectShape("release", await holder.release(), "released");
      expectShape("release", await holder.release(), "released");
      const { signal } = new AbortController();
      const listed = trial.store.keys?.({ clock: trial.time, signal });
      if (listed !== undefined) expectTexts("keys", await listed);
    },
  },
  {
    id: "release-tells-the-truth",
    group: "answers",
    title: "a release reports that it released a lease exactly if its attempt had a live one",
    async run(trial) {
      for (const [what, prepare] of histories) {
        const attempt = trial.attempt({ ttl: trial.shortTtl * 50 });
        await prepare(attempt, trial);
        const had = (await trial.read()) !== undefined;
        const { released } = await attempt.release();
        const why = had ? "its lease was live" : "it had no live lease";
        expect(released === had, `the release of ${what} must return ${had}: ${why}`, { released });
        await trial.expectNoLeader(`after the release of ${what}`);
      }
    },
  },
];

type Prepare = (attempt: Attempt, trial: Trial) => Promise<unknown>;

/** What may have happened to an attempt before its release. */
const histories: readonly (readonly [what: string, prepare: Prepare])[] = [
  ["an attempt that was never made", async () => {}],
  ["a granted attempt", (attempt) => attempt.win()],
  [
    "a renewed attempt",
    async (attempt) => {
      const { token } = await attempt.win();
      await attempt.renew(token);
    },
  ],
  [
    "an attempt that came too late",
    (attempt, trial) => unlessItFails(attempt.acquire({ notAfter: trial.time.now() - 20 })),
  ],
  [
    "an aborted attempt",
    async (attempt, trial) => {
      const controller = new AbortController();
      const notAfter = trial.time.now() + 50;
      const asked = unlessItFails(attempt.acquire({ signal: controller.signal, notAfter }));
      controller.abort();
      await asked;
      // After this time, a request that is still under way must be refused as late.
      await trial.pass(60);
    },
  ],
  [
    "an attempt whose lease has ended",
    async (attempt, trial) => {
      await attempt.win({ ttl: trial.shortTtl });
      await trial.outlast(trial.shortTtl);
    },
  ],
];
