import type { LeaseStore } from "../../stores/lease-store.ts";
import type { Attempt } from "../attempt.ts";
import { expect } from "../expectations.ts";
import { freshId } from "../random.ts";
import type { Rule } from "../rule.ts";
import type { Trial } from "../trial.ts";

const MANY = 16;

/**
 * Electors refuse keys with invisible characters (control characters including NUL, white space at the
 * ends, text that is not in NFC). Any other text can be a key.
 */
const unusualEnds: readonly string[] = [
  ...["", "a", "A", "\u00e9", "\u00e8", "\u0131", "i", "\u00df", "ss", "\u{1f600}", "\u{1f601}"],
  ...[
    "*",
    "?",
    "[a]",
    "%",
    "%25",
    "_",
    "'",
    "''",
    '"',
    "\\",
    "\\0",
    "`",
    "$1",
    "{x}",
    "#",
    "&",
    "|",
  ],
  ...[":x", "/x", "/../x", ".", " x", "  x", "+x"],
  // Keys of the full 512 bytes that differ in the last one.
  ...["y", "z"].map((last) => "k".repeat(479) + last),
];

/** Which attempts are granted the lease. */
export const leaseRules: readonly Rule[] = [
  {
    id: "acquire-grants-a-free-lease",
    group: "lease",
    title: "a free lease is granted",
    async run(trial) {
      const { token, since } = await trial.attempt().win();
      expect(Number.isSafeInteger(token) && token > 0, "a token must be a whole number", token);
      expect(Number.isFinite(since), "since must be a number of ms", since);
    },
  },
  {
    id: "acquire-refuses-while-held",
    group: "lease",
    title: "a live lease is refused to every other attempt, even to one of its holder",
    async run(trial) {
      const holder = trial.attempt({ nodeId: "holder" });
      const { token } = await holder.win();
      const other = await trial.open();
      const again = trial.attempt({ nodeId: "holder" });
      for (const [who, attempt] of [
        ["an attempt of another candidate", trial.attempt({ nodeId: "other", store: other })],
        ["the holder's next attempt", again],
        [
          "an attempt of the holder through another store",
          trial.attempt({ nodeId: "holder", store: other }),
        ],
      ] as const) {
        const reply = await attempt.lose(`${who} on a live lease`);
        expect(reply.reason === "held", `${who} must be refused as "held"`, reply);
        expect(reply.leader?.token === token, `the refusal of ${who} must name the leader`, reply);
      }
      const renewed = await holder.renew(token);
      expect(renewed.renewed, "the holder must keep its lease", renewed);
    },
  },
  {
    id: "identity-is-the-nonce",
    group: "lease",
    title: "two attempts with the same nodeId do not affect each other",
    async run(trial) {
      const holder = trial.attempt();
      const namesake = trial.attempt();
      const { token } = await holder.win();
      const renewed = await namesake.renew(token);
      expect(!renewed.renewed, "an attempt with the same nodeId must not renew the lease", renewed);
      expect(renewed.reason === "superseded", "the reason must be superseded", renewed);
      const released = await namesake.release();
      expect(
        !released.released,
        "an attempt with the same nodeId must not release the lease",
        released,
      );
      await trial.attempt().lose("a lease that another attempt tried to release");
      const kept = await holder.renew(token);
      expect(kept.renewed, "the holder must keep its lease", kept);
    },
  },
  {
    id: "release-frees-the-lease",
    group: "lease",
    title: "a released lease is free for every attempt at once",
    async run(trial) {
      const holder = trial.attempt();
      await holder.win();
      const reply = await holder.release();
      expect(reply.released, "the release of the holder must work", reply);
      await trial.expectNoLeader("after a release");
      await trial.attempt({ store: await trial.open() }).win();
    },
  },
  {
    id: "stores-share-leases",
    group: "lease",
    title: "a lease can be read, renewed and released through any store of the same setup",
    async run(trial) {
      const nonce = freshId();
      const { token } = await trial.attempt({ nonce }).win();
      const elsewhere = trial.attempt({ nonce, store: await trial.open() });
      const shown = await trial.expectHolder("through another store", elsewhere.fields.store);
      expect(shown.token === token, "another store must show the same token", shown);
      const renewed = await elsewhere.renew(token);
      expect(renewed.renewed, "the nonce must be able to renew through another store", renewed);
      const released = await elsewhere.release();
      expect(
        released.released,
        "the nonce must be able to release through another store",
        released,
      );
      await trial.expectNoLeader("after a release through another store");
    },
  },
  {
    id: "elections-are-independent",
    group: "lease",
    title: "each key is a separate election, even if two keys are similar",
    async run(trial) {
      const base = trial.key;
      const keys = unusualEnds.map((end) => base + end);
      for (const key of keys) await trial.attempt({ key }).win();
      const released = await trial.attempt({ key: `${base}b` }).release();
      expect(
        !released.released,
        "an election without a leader must have nothing to release",
        released,
      );
      for (const key of keys) {
        const shown = await trial.read(trial.store, key);
        expect(shown !== undefined, `the key ${JSON.stringify(key)} must have a leader`);
      }
    },
  },
  {
    id: "one-winner-of-many",
    group: "lease",
    title:
      "of many simultaneous attempts, exactly one is granted: at once or, if votes can be split, when they ask again",
    needs: "strict",
    async run(trial) {
      const stores = [trial.store, await trial.open(), await trial.open()];
      for (let round = 0; round < 3; round += 1) {
        const winners = await contest(trial, manyOf(trial, stores));
        expect(winners.length === 1, `one of ${MANY} attempts must win`, winners.length);
        await winners[0]?.release();
      }
    },
  },
  {
    id: "handover-has-one-winner",
    group: "lease",
    title: "of many attempts during a release, at most one is granted",
    needs: "strict",
    async run(trial) {
      const holder = trial.attempt();
      await holder.win();
      const other = await trial.open();
      const attempts = manyOf(trial, [other, trial.store]);
      // Some arrive before the release, and some just after it.
      const early = attempts.slice(0, MANY / 2).map((attempt) => attempt.acquire());
      const releasing = holder.release();
      const asking = [...early, ...attempts.slice(MANY / 2).map((attempt) => attempt.acquire())];
      const [released, ...replies] = await Promise.all([releasing, ...asking]);
      expect(released.released, "the release of the holder must work", released);
      const winners = replies.filter(({ granted }) => granted);
      expect(winners.length <= 1, `at most one of ${MANY} attempts must win`, winners.length);
      if (winners.length > 0) return;
      const later = await contest(trial, [trial.attempt()]);
      expect(later.length === 1, "a free lease must be granted after the release", later.length);
    },
  },
];

function manyOf(trial: Trial, stores: readonly LeaseStore[]): Attempt[] {
  return Array.from({ length: MANY }, (_, index) =>
    trial.attempt({ store: stores[index % stores.length] ?? trial.store }),
  );
}

/**
 * Has all of them ask at the same moment, and returns those that won. If votes can be split, each candidate asks again
 * after its `retryIn`, as an elector does, until one has won.
 */
async function contest(trial: Trial, attempts: readonly Attempt[]): Promise<Attempt[]> {
  const { declared, patience, shortTtl, time } = trial;
  const endsAt = time.now() + patience;
  const winners: Attempt[] = [];
  const isOver = () => winners.length > 0 || time.now() >= endsAt;
  const campaign = async (attempt: Attempt): Promise<void> => {
    const reply = await attempt.acquire();
    if (reply.granted) winners.push(attempt);
    if (reply.granted || !declared.splitVotes || isOver()) return;
    if (reply.applied === "maybe") await attempt.release();
    await trial.pass(Math.max(1, Math.min(reply.retryIn ?? shortTtl, shortTtl)));
    if (!isOver()) await campaign(trial.attempt({ ...attempt.fields, nonce: freshId() }));
  };
  await Promise.all(attempts.map(campaign));
  return winners;
}
