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
  {
    name: "the not-after of the first request counts for all",
    breaks: ["I7"],
    file: "src/stores/redis/script-call.ts",
    replace: [
      "const { notAfter } = request;",
      "const { notAfter } = (first ?? { request }).request;",
    ],
  },
  {
    name: "a not-after is not translated anew for another server",
    breaks: ["I7"],
    file: "src/stores/redis/script-call.ts",
    replace: [
      'args.push(server === undefined ? "0" : micros(server.micros / 1000 + notAfter - server.at));',
      `if (server !== undefined) request.translated ??= micros(server.micros / 1000 + notAfter - server.at);
       args.push(request.translated ?? "0");`,
    ],
  },
  {
    name: "a call is repeated as a whole if one request has to travel again",
    breaks: ["I7"],
    file: "src/stores/redis/script-calls.ts",
    replace: [
      "return call.requests.filter((request, at) => {",
      `const left = call.requests.filter((request, at) => {
        const reply = replies[at];
        return reply !== undefined && !this.#settle(call, request, reply);
      });
      if (left.length > 0) return call.requests;
      return call.requests.filter((request, at) => {`,
    ],
  },
  {
    name: "a call that has failed is repeated",
    breaks: ["I7"],
    file: "src/stores/redis/script-calls.ts",
    replace: [
      "for (const request of requests) request.reject(error);\n    return [];",
      "return requests;",
    ],
  },
  {
    name: "what is awaited no longer is sent when its call is repeated",
    breaks: ["I7"],
    file: "src/stores/redis/script-queue.ts",
    replace: ["while (lane[0]?.isAwaited === false) lane.shift()?.reject(unasked());", ""],
  },
  {
    name: "what was heard of another server is passed on by a request that was not carried out",
    breaks: ["I1"],
    file: "src/stores/redis/script-calls.ts",
    replace: ["introductions.some(({ status }) => !unnoticed.has(status))", "true"],
  },
];
