import type { Mutant } from "./mutant.ts";

/** What makes a server look like the one that it was. */
export const servers: readonly Mutant[] = [
  {
    name: "a server is its run_id alone",
    breaks: ["I1"],
    file: "simulation/redis/execution.ts",
    replace: ["[run, data].join", "[run].join"],
    trace: "a-fail-over-and-back.json",
  },
  {
    name: "the stamp is not compared",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: ["(election.run !== run || election.epoch !== epoch)", "election.run !== run"],
  },
  {
    name: "a stamp of another server is taken for one's own",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: ["server === run && since <= now", "since <= now"],
  },
  {
    name: "it is not said that another server was heard from",
    breaks: ["I1"],
    file: "src/stores/redis/script/script-call.ts",
    replace: ["first === undefined || elsewhere === undefined", "true"],
    trace: "a-move-to-another-server-and-back.json",
  },
  {
    name: "a late answer of another server says nothing of it",
    breaks: ["I1"],
    file: "src/stores/redis/script/script-calls.ts",
    replace: ["if (server.run !== note.run) this.#known.doubt(key, now);", ""],
    trace: "a-late-word-of-another-server.json",
  },
];

/** What is forgotten of the time after a server lost its memory. */
export const quarantine: readonly Mutant[] = [
  {
    name: "no quarantine",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: ["Math.max(Number(execution.arg(3)), Number(execution.arg(8)), election.ttl)", "0"],
  },
  {
    name: "a quarantine of half a ttl",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: [
      "Math.max(Number(execution.arg(3)), Number(execution.arg(8)), election.ttl)",
      "Math.max(Number(execution.arg(3)), Number(execution.arg(8)), election.ttl) / 2",
    ],
    trace: "half-a-quarantine.json",
  },
  {
    name: "a restored lease ends the quarantine",
    breaks: ["I1"],
    file: "simulation/redis/renew.ts",
    replace: ["until: int(election.until)", 'until: "0"'],
    trace: "a-renewal-overtaken-by-a-loss-of-memory.json",
  },
  {
    name: "an older memory is taken for the present one",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: ["(election.run !== run || election.epoch !== epoch)", "!election.known"],
  },
  {
    name: "the quarantine begins anew with every attempt",
    breaks: ["I9"],
    file: "simulation/redis/guard.ts",
    replace: ["if (election.until > now + quarantine) {", "if (election.until > now) {"],
  },
];
