import type { Mutant } from "./mutant.ts";

/** How a token is made that is not above all earlier ones. */
export const tokens: readonly Mutant[] = [
  {
    name: "tokens are counted, and know no clock",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: [
      "Math.max(election.token + 1, election.floor + 1, above + 1, now)",
      "election.token + 1",
    ],
  },
  {
    name: "tokens are of the clock alone",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: ["Math.max(election.token + 1, election.floor + 1, above + 1, now)", "now"],
    trace: "server-clock-behind.json",
  },
  {
    name: "no floor",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: ["election.floor + 1, ", ""],
    trace: "server-clock-behind-after-loss.json",
  },
  {
    name: "an equal token is granted",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: [
      "Math.max(election.token + 1, election.floor + 1, above + 1, now)",
      "Math.max(election.token, election.floor + 1, above, now)",
    ],
    trace: "server-clock-behind.json",
  },
  {
    name: "a release forgets the token",
    breaks: ["I2"],
    file: "simulation/redis/release.ts",
    replace: ['{ nonce: "", exp: "0" }', '{ nonce: "", exp: "0", token: "0" }'],
    trace: "server-clock-behind.json",
  },
];
