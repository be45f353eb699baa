import type { Mutant } from "./mutant.ts";

/** How one attempt is taken for another. */
export const identity: readonly Mutant[] = [
  {
    name: "the nodeId is the identity",
    breaks: ["I1"],
    file: "src/elector/requests/requests.ts",
    replace: [
      "this.#attempts.begin(attempt, this.#environment.nonce(), leftovers)",
      "this.#attempts.begin(attempt, this.#context.settings.nodeId, leftovers)",
    ],
  },
  {
    name: "an elector overwrites its own earlier lease",
    breaks: ["I1"],
    file: "simulation/redis/acquire.ts",
    replace: ["if (election.live) {", "if (election.live && election.node !== execution.arg(6)) {"],
  },
  {
    name: "all attempts have one nonce",
    // The clean-up of one attempt gives back the lease of the next.
    breaks: ["I1", "I3", "I5"],
    file: "src/elector/requests/requests.ts",
    replace: [
      "this.#attempts.begin(attempt, this.#environment.nonce(), leftovers)",
      "this.#attempts.begin(attempt, (this.nonce ??= this.#environment.nonce()), leftovers)",
    ],
  },
  {
    name: "a release does not look whose lease it is",
    breaks: ["I1"],
    file: "simulation/redis/release.ts",
    replace: [" || election.nonce !== execution.arg(1)", ""],
  },
  {
    name: "an acquire does not look whether there is a lease",
    breaks: ["I1"],
    file: "simulation/redis/acquire.ts",
    replace: ["if (election.live) {", "if (false) {"],
  },
  {
    name: "a renewal takes the lease wherever it is free",
    breaks: ["I7"],
    file: "simulation/redis/renew.ts",
    replace: ["(!election.known || quarantined) && election.token < token", "!election.live"],
    trace: "a-renewal-after-a-stop.json",
  },
  {
    name: "a short renewal does not look whose lease it is",
    breaks: ["I1", "I4"],
    file: "simulation/redis/prolong.ts",
    replace: ["election.nonce !== execution.arg(5) || ", ""],
    trace: "a-short-renewal-of-a-deleted-lease.json",
  },
  {
    name: "a command counts however late it comes",
    breaks: ["I7"],
    file: "simulation/redis/guard.ts",
    replace: ["now > Number(execution.arg(2))", "false"],
  },
];
