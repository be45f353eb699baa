/** Every mutant that survives, and why it may, as in core.mjs. */
export const survivors = [
  {
    file: "stores/redis-quorum/majority.ts",
    line: "if (largest === undefined || first === undefined) return undefined;",
    becomes: ["largest === undefined && first === undefined", "false"],
    why: "for the types; a group has a first record.",
  },
  {
    file: "stores/redis-quorum/memories.ts",
    line: "if (this.#memories.size > REMEMBERED && oldest !== undefined) this.#memories.delete(oldest);",
    becomes: ["true"],
    why: "for the types; of so many one is the oldest.",
  },
  {
    file: "stores/redis-quorum/node-name.ts",
    line: 'return typeof url === "string" ? nameOfUrl(url) : undefined;',
    becomes: ["true"],
    why: "for the types; what is no text is no URL.",
  },
  {
    file: "stores/redis-quorum/quorum-count.ts",
    line: "const refusals = votes.filter((vote) => !vote.granted);",
    becomes: ["votes"],
    why: "for the types; a vote that was given names no leader and has no reason.",
  },
  {
    file: "stores/redis-quorum/quorum-count.ts",
    line: 'return vote.granted || (vote.reason !== "outbid" && vote.applied === "maybe");',
    becomes: ["true", '""'],
    why: "for the types; one that is outbid does not say whether it was applied.",
  },
  {
    file: "stores/redis-quorum/quorum-count.ts",
    line: 'return vote.granted || vote.reason === "outbid" ? undefined : vote.leader;',
    becomes: ["false", 'vote.granted && vote.reason === "outbid"', '""'],
    why: "for the types; neither of them names a leader.",
  },
  {
    file: "stores/redis-quorum/quorum-count.ts",
    line: "if (leading !== undefined && votes >= majority) return { leader: leading.record };",
    becomes: ["true"],
    why: "for the types; without a leader there are no votes.",
  },
  {
    file: "stores/redis-quorum/quorum-count.ts",
    line: "if (votes + unheard < majority) return { leader: undefined };",
    becomes: ["{}"],
    why: "for the types; a leader that is not named is `undefined`.",
  },
  {
    file: "stores/redis-quorum/quorum-errors.ts",
    line: 'if (answer === undefined || answer.state === "silent") return "no answer yet";',
    becomes: ["false"],
    why: "for the types; there is an answer of every server.",
  },
  {
    file: "stores/redis-quorum/quorum-round.ts",
    line: "owing.get(node)?.();",
    becomes: ["owing.get(node)()"],
    why: "for the types; a server owes its answer until it is heard.",
  },
  {
    file: "stores/redis-quorum/quorum-round.ts",
    line: 'signal.addEventListener("abort", abort, { once: true });',
    becomes: ["{}", "false"],
    why: "a signal is aborted once.",
  },
  {
    file: "stores/redis-quorum/redis-quorum-store.ts",
    line: '(client, at) => new QuorumNode(names[at] ?? "", client, settings, timer),',
    becomes: ['"Stryker was here!"'],
    why: "for the types; there is a name for each server.",
  },
  {
    file: "stores/redis-quorum/redis-quorum-store.ts",
    line: "this.#withdraw(request, []);",
    becomes: ['["Stryker was here"]'],
    why: "it is the answer of no server.",
  },
  {
    file: "stores/redis-quorum/redis-quorum-store.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the line as it stands there.
    line: "const introduction = `introduction for ${request.nonce}`;",
    becomes: ["``"],
    why: "ends that of another attempt as well, which has come as far by then: the same servers have answered.",
  },
  {
    file: "stores/redis-quorum/redis-quorum-store.ts",
    line: "if (repliesOf(answers).length >= missing) return true;",
    becomes: ["false"],
    why: "any outcome will do that is not `undefined`.",
  },
  {
    file: "stores/redis-quorum/redis-quorum-store.ts",
    line: "server.release({ ...request, signal }, { quietly: true });",
    becomes: ["{}", "false"],
    why: "a hint that a minority gives is passed on to no candidate, and else a candidate comes once for nothing.",
  },
];
