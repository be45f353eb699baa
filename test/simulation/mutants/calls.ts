import type { Mutant } from "./mutant.ts";

/** How requests that travel in one call are taken for one another. */
export const calls: readonly Mutant[] = [
  {
    name: "an answer is given to another request of its call",
    breaks: ["I1", "I3", "I4"],
    file: "src/stores/redis/script/script-calls.ts",
    replace: ["const reply = replies[at];", "const reply = replies.at(at - 1);"],
  },
  {
    name: "requests are carried out for one another's keys",
    breaks: ["I1", "I3", "I4"],
    file: "src/stores/redis/script/script-call.ts",
    replace: [
      "requests.map(({ request }) => request.key);",
      "requests.map(({ request }) => request.key).reverse();",
    ],
  },
  {
    name: "the not-after of the first request counts for all",
    breaks: ["I7"],
    file: "src/stores/redis/script/script-call.ts",
    replace: [
      "serverTime(request.notAfter, server)",
      "serverTime((first ?? each).request.notAfter, server)",
    ],
    trace: "a-not-after-of-another-request.json",
  },
  {
    name: "a not-after is not translated anew for another server",
    breaks: ["I9"],
    file: "src/stores/redis/script/script-call.ts",
    replace: [
      "args.push(serverTime(request.notAfter, server));",
      `if (server !== undefined) request.translated ??= serverTime(request.notAfter, server);
       args.push(request.translated ?? "0");`,
    ],
  },
  {
    name: "the answer to the first short renewal is that to all",
    breaks: ["I1", "I4"],
    file: "src/stores/redis/script/redis-reply.ts",
    replace: ["parsed.length === 1 && parsed[0] === renewed", "parsed[0] === renewed"],
  },
  {
    name: "what is awaited no longer is sent behind what is awaited",
    breaks: ["I7"],
    file: "src/stores/connections/request-queue.ts",
    replace: ["if (request.isAwaited) {", "if (request) {"],
    trace: "a-renewal-behind-one-that-is-awaited.json",
  },
  {
    name: "a renewal has the answer to one that was sent before it was asked",
    breaks: ["I1", "I4"],
    file: "src/stores/connections/request-queue.ts",
    replace: ["this.#renewals.delete(request);\n      seen += 1;", "seen += 1;"],
    trace: "a-renewal-that-joins-one-that-was-sent.json",
  },
];
