import type { Mutant } from "./mutant.ts";

/** How several servers are taken for one that knows everything. */
export const quorum: readonly Mutant[] = [
  {
    name: "half of the servers are a majority",
    breaks: ["I1", "I3"],
    // Only where votes are counted: woken by half of the servers, candidates would ask without a pause.
    file: "src/stores/redis-quorum/quorum-count.ts",
    replace: ["grants.length >= majority", "grants.length >= majority - 1"],
    servers: 3,
  },
  {
    name: "one server's renewal is enough",
    breaks: ["I1", "I4"],
    file: "src/stores/redis-quorum/quorum-count.ts",
    replace: ["if (renewed >= majority)", "if (renewed > 0)"],
    servers: 3,
  },
  {
    name: "a release goes to one server alone",
    breaks: ["I7", "I9"],
    file: "src/stores/redis-quorum/redis-quorum-store.ts",
    replace: [
      "const reply = await server.release({ ...request, signal });",
      "const reply = index === 0 ? await server.release({ ...request, signal }) : { released: true };",
    ],
    servers: 3,
  },
  {
    name: "votes that did not suffice are kept",
    breaks: ["I7", "I9"],
    file: "src/stores/redis-quorum/redis-quorum-store.ts",
    replace: ["this.#withdraw(request, answers);", ""],
    servers: 3,
  },
  {
    name: "a clean-up takes back the votes of another attempt",
    breaks: ["I1"],
    file: "simulation/redis/release.ts",
    replace: [
      "election.nonce !== execution.arg(1)",
      'election.nonce.split(".")[0] !== execution.arg(1).split(".")[0]',
    ],
    servers: 3,
  },
  {
    name: "an elector overwrites its own earlier vote",
    breaks: ["I1"],
    file: "simulation/redis/acquire.ts",
    replace: ["if (election.live) {", "if (election.live && election.node !== execution.arg(6)) {"],
    servers: 3,
  },
  {
    name: "a renewal joins where another lease is live",
    breaks: ["I1"],
    file: "simulation/redis/renew.ts",
    replace: ["!quarantined && !election.live && missed", "missed"],
    servers: 3,
    trace: "a-renewal-beside-a-slow-vote.json",
  },
  {
    name: "a renewal joins where its term was released",
    breaks: ["I7"],
    file: "simulation/redis/renew.ts",
    replace: ["!election.live && missed", "!election.live"],
    servers: 3,
    trace: "a-renewal-after-a-stop-on-three-servers.json",
  },
];

/** What is forgotten of the time after one of several servers lost its memory. */
export const quorumQuarantine: readonly Mutant[] = [
  {
    name: "one of the servers knows no quarantine",
    breaks: ["I1"],
    file: "simulation/redis/acquire.ts",
    replace: [
      "now < election.until",
      'now < election.until && !execution.call.server.run.startsWith("0a")',
    ],
    servers: 3,
    trace: "a-server-without-a-quarantine.json",
  },
  {
    name: "another server's vote ends a quarantine",
    breaks: ["I1", "I3"],
    file: "src/stores/redis-quorum/quorum-count.ts",
    replace: [
      "const grants = votes.filter((vote) => vote.granted);",
      `const one = votes.find((vote) => vote.granted);
       const grants = votes.flatMap((vote) => vote.granted ? [vote] : one && vote.reason === "quarantine" ? [one] : []);`,
    ],
    servers: 3,
  },
  {
    name: "a lease restored on one of the servers ends its quarantine",
    breaks: ["I1"],
    file: "simulation/redis/renew.ts",
    replace: ["until: int(election.until)", 'until: "0"'],
    servers: 3,
    trace: "a-loss-of-memory-on-one-of-three.json",
  },
  {
    name: "a vote in quarantine counts for each attempt that renews",
    breaks: ["I1"],
    file: "src/stores/redis-quorum/quorum-count.ts",
    replace: [
      'consent.renewed && (consent.how !== "quarantined" || voters.has(server))',
      "consent.renewed",
    ],
    servers: 3,
    trace: "a-vote-forgotten-in-a-quarantine.json",
  },
  {
    name: "a vote in quarantine counts if there was one at any time",
    breaks: ["I1"],
    file: "src/stores/redis-quorum/voters.ts",
    replace: [
      "if (last === undefined || last.sentAt <= round.sentAt)",
      "for (const vote of last?.votes ?? []) round.votes.add(vote);\n    if (last === undefined || last.sentAt <= round.sentAt)",
    ],
    servers: 3,
    trace: "an-old-vote-forgotten-in-a-quarantine.json",
  },
];

/** How a token is proposed or granted that is not above all earlier ones. */
export const proposals: readonly Mutant[] = [
  {
    name: "an old proposal is granted",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: [`if (token <= seen(election, now)) return answer("outbid");`, ""],
    servers: 3,
  },
  {
    name: "an equal proposal is granted",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: ["token <= seen(election, now)", "token < seen(election, now)"],
    servers: 3,
    trace: "two-equal-proposals.json",
  },
  {
    name: "no floor on several servers",
    breaks: ["I2"],
    file: "simulation/redis/guard.ts",
    replace: ["Math.max(token, floor)", "token"],
    trace: "a-floor-of-one-of-three.json",
  },
  {
    name: "after its quarantine a server has no floor for an election that it has forgotten",
    breaks: ["I2"],
    file: "simulation/redis/guard.ts",
    replace: ["    election.floor = ends;\n    return;", "    return;"],
    trace: "a-proposal-from-before-a-loss.json",
  },
  {
    name: "a proposal follows the clock that is ahead",
    breaks: ["I2"],
    file: "src/stores/redis-quorum/quorum-token.ts",
    replace: ["times[Math.ceil(times.length / 2) - 1]", "times[times.length - 1]"],
    trace: "tokens-of-a-clock-far-ahead.json",
  },
  {
    name: "a candidate does not learn what it is outbid by",
    breaks: ["I9"],
    file: "src/stores/redis-quorum/redis-quorum-store.ts",
    replace: ["memory.seen = Math.max(memory.seen, token);", ""],
    trace: "tokens-above-three-clocks.json",
  },
];
