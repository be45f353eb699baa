import type { Mutant } from "./mutant.ts";

/** What is forgotten of the time after a server lost its memory. */
export const quarantine: readonly Mutant[] = [
  {
    name: "no quarantine",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: ["Math.max(Number(execution.arg(3)), election.ttl)", "0"],
  },
  {
    name: "a quarantine of half a ttl",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: [
      "Math.max(Number(execution.arg(3)), election.ttl)",
      "Math.max(Number(execution.arg(3)), election.ttl) / 2",
    ],
  },
  {
    name: "a restored lease ends the quarantine",
    breaks: ["I1"],
    file: "simulation/redis/renew.ts",
    replace: ["until: int(election.until)", 'until: "0"'],
  },
  {
    name: "an older memory is taken for the present one",
    breaks: ["I1"],
    file: "simulation/redis/guard.ts",
    replace: ["election.run !== run", "!election.known"],
  },
  {
    name: "the quarantine begins anew with every attempt",
    breaks: ["I9"],
    file: "simulation/redis/guard.ts",
    replace: ["    run: server.run,\n    until: int(ends),", "    until: int(ends),"],
  },
];
