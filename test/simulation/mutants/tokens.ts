import type { Mutant } from "./mutant.ts";

const MADE =
  'Math.max(seen(election, now) + 1, above + 1, now) : Number(proposal);\n  if (token <= seen(election, now)) return answer("outbid");';

/** How a token is made that is not above all earlier ones. */
export const tokens: readonly Mutant[] = [
  {
    name: "tokens are counted, and know no clock",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: [MADE, "election.token + 1 : Number(proposal);"],
  },
  {
    name: "tokens are of the clock alone",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: [MADE, "now : Number(proposal);"],
    trace: "server-clock-behind.json",
  },
  {
    name: "no floor",
    breaks: ["I2"],
    file: "simulation/redis/guard.ts",
    replace: ["Math.max(token, floor)", "token"],
    trace: "server-clock-behind-after-loss.json",
  },
  {
    name: "an equal token is granted",
    breaks: ["I2"],
    file: "simulation/redis/acquire.ts",
    replace: [MADE, "Math.max(seen(election, now), above, now) : Number(proposal);"],
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
