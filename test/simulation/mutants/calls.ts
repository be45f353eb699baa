import type { Mutant } from "./mutant.ts";

/** How requests that travel in one call are taken for one another. */
export const calls: readonly Mutant[] = [
  {
    name: "an answer is given to another request of its call",
    breaks: ["I1", "I3", "I4"],
    file: "src/stores/redis/script-calls.ts",
    replace: ["const reply = replies[at];", "const reply = replies.at(at - 1);"],
  },
  {
    name: "requests are carried out for one another's keys",
    breaks: ["I1", "I3", "I4"],
    file: "src/stores/redis/script-call.ts",
    replace: [
      "requests.map(({ request }) => request.key);",
      "requests.map(({ request }) => request.key).reverse();",
    ],
  },
];
