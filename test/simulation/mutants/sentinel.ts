import type { Mutant } from "./mutant.ts";

/** What is taken for the word of the Sentinels, or of the replicas. */
const mistakes: readonly Omit<Mutant, "store">[] = [
  {
    name: "one Sentinel suffices",
    breaks: ["I1"],
    file: "src/stores/redis/sentinel/sentinels.ts",
    replace: ["Math.floor(countOf(this.#sentinels) / 2) + 1;", "1;"],
  },
  {
    name: "the first Sentinel that answers counts, not the newest",
    breaks: ["I1"],
    file: "src/stores/redis/sentinel/sentinels.ts",
    replace: ["resolve(newest([...answers.values()]))", "resolve([...answers.values()][0])"],
    trace: "an-old-answer-of-a-sentinel.json",
  },
  {
    name: "what the Sentinels said at the call before counts",
    breaks: ["I1"],
    file: "src/stores/redis/sentinel/sentinel-driver.ts",
    replace: [
      "const named = sentinels.primary();\n        named.catch(() => {});",
      `const named = sentinels.asked ?? sentinels.primary();
        sentinels.asked = sentinels.primary();
        for (const asked of [named, sentinels.asked]) asked.catch(() => {});`,
    ],
    trace: "a-failover-between-two-calls.json",
  },
  {
    name: "what a replaced primary says counts",
    breaks: ["I1"],
    file: "src/stores/redis/sentinel/sentinel-driver.ts",
    replace: ["isSame(primary, server.primary)", "primary"],
    trace: "a-primary-that-was-replaced.json",
  },
  {
    name: "one replica less suffices",
    breaks: ["I1"],
    file: "src/stores/redis/script/replica-count.ts",
    replace: ["if (count >= needed)", "if (count >= needed - 1)"],
  },
  {
    name: "a renewal needs no replicas",
    breaks: ["I1"],
    file: "src/stores/redis/script/replica-count.ts",
    replace: ['["granted", "renewed", "quarantine"]', '["granted", "quarantine"]'],
    trace: "renewals-that-no-replica-has.json",
  },
  {
    name: "the wait after a failover needs no replicas",
    breaks: ["I1"],
    file: "src/stores/redis/script/replica-count.ts",
    replace: ['["granted", "renewed", "quarantine"]', '["granted", "renewed"]'],
    trace: "a-wait-that-begins-without-replicas.json",
  },
  {
    name: "missing replicas are not taken for word of another primary",
    breaks: ["I1"],
    file: "src/stores/redis/script/script-calls.ts",
    replace: ["if (hasWait) this.#known.doubt(key, clock.now());", ""],
    trace: "a-wait-that-begins-without-replicas.json",
  },
  {
    name: "a renewal that begins a wait needs no replicas for it",
    breaks: ["I1"],
    file: "src/stores/redis/script/script-calls.ts",
    replace: [' || rest.includes("quarantined")', ""],
    trace: "a-wait-that-a-renewal-begins-without-replicas.json",
  },
  {
    name: "a promoted replica takes the stamp for its own",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: ["server === run && since <= now", "since <= now"],
  },
];

/** Behind Sentinel. */
export const sentinel: readonly Mutant[] = mistakes.map((mutant) => ({
  ...mutant,
  store: "sentinel",
}));
