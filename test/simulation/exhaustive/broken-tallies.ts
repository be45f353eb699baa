import type { Tally } from "../../../simulation/exhaustive/instance.ts";
import * as tally from "../../../src/stores/redis-quorum/quorum-count.ts";

// The ways to count votes, each with one rule left out.

const allServers: ReadonlySet<number> = new Set([0, 1, 2]);

/** One server of three is enough. */
const minority: Tally = {
  ...tally,
  countVotes: (answers) =>
    answers.some((answer) => answer.state === "said" && answer.reply.granted)
      ? { outcome: "granted", since: 0 }
      : tally.countVotes(answers),
};

/** A server in quarantine votes for each attempt that renews. */
const forgetfulVoters: Tally = {
  ...tally,
  counts: (consent, server) => tally.counts(consent, server, allServers),
  countConsents: (answers) => tally.countConsents(answers, allServers),
};

export const brokenTallies = { minority, forgetfulVoters } as const;
