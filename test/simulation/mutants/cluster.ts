import type { Mutant } from "./mutant.ts";

/** What is taken for the word of a node, or of most primaries. */
const mistakes: readonly Omit<Mutant, "store">[] = [
  {
    name: "no other primary is asked who has the slot",
    breaks: ["I1"],
    file: "src/stores/redis/cluster/slot-witnesses.ts",
    replace: ["const needed = Math.floor(primaries.length / 2);", "const needed = 0;"],
    trace: "a-primary-that-lost-its-slot.json",
  },
  {
    name: "a primary that most have flagged as failed is confirmed",
    breaks: ["I1"],
    file: "src/stores/redis/cluster/slot-witnesses.ts",
    replace: ["else if (!named.hasFailed) agreed += 1;", "else agreed += 1;"],
    trace: "a-primary-that-most-have-flagged.json",
  },
  {
    name: "a primary is believed that has the slot no longer",
    breaks: ["I1"],
    file: "src/stores/redis/cluster/slot-witnesses.ts",
    replace: ["if (!named?.addresses.includes(owner))", "if (named === undefined)"],
    trace: "a-primary-that-lost-its-slot.json",
  },
  {
    name: "a renewal needs no other primary",
    breaks: ["I1"],
    file: "src/stores/redis/script/script-calls.ts",
    replace: [
      "!requests.some(({ name }) => isGuarded(name))",
      '!requests.some(({ name }) => name === "acquire")',
    ],
    trace: "a-renewal-at-a-replaced-primary.json",
  },
  {
    name: "a request is sent on without ASKING",
    breaks: ["I9"],
    file: "src/stores/redis/script/script-calls.ts",
    replace: ['call.line.request(["ASKING"]).answer.catch(() => {});', ""],
    trace: "a-slot-that-stays-between-two-nodes.json",
  },
  {
    name: "what the importing node did is confirmed as if the slot were there",
    breaks: ["I9"],
    file: "src/stores/redis/script/script-calls.ts",
    replace: [
      "return this.#membership?.confirm(first.request.key, this.#sentHere.get(first.request));",
      "return this.#membership?.confirm(first.request.key, undefined);",
    ],
    trace: "a-slot-that-stays-between-two-nodes.json",
  },
  {
    name: "a refusal that names another node is final",
    breaks: ["I9"],
    file: "src/stores/redis/cluster/redis-cluster.ts",
    replace: ["const MOST_REDIRECTIONS = 5;", "const MOST_REDIRECTIONS = 0;"],
    trace: "a-slot-that-stays-between-two-nodes.json",
  },
  {
    name: "a look that is never answered holds up the next",
    breaks: ["I9"],
    file: "src/stores/redis/cluster/slot-witnesses.ts",
    replace: ["const cancel = this.#timer(PATIENCE, resolve);", "const cancel = () => {};"],
    trace: "a-look-that-is-never-answered.json",
  },
];

/** In a Redis Cluster. */
export const cluster: readonly Mutant[] = mistakes.map((mutant) => ({
  ...mutant,
  store: "cluster",
}));
