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
    replace: ["election.run !== run", "!election.known"],
  },
  {
    name: "the quarantine begins anew with every attempt",
    breaks: ["I9"],
    file: "simulation/redis/guard.ts",
    replace: ["if (election.until > now + quarantine) {", "if (election.until > now) {"],
  },
];
