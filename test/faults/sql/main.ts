// Two candidates on a real database whose clock is set, whose disk is full, or that is exchanged. `npm run faults:sql -- --help`.

import { readArgs, runScript, wholeNumber } from "../../../scripts/command-line.mjs";
import { scenarios } from "./scenarios.ts";

const usage = `npm run faults:sql -- [--only NAME] [--rounds N]

  --only NAME  those with this in their name: ${Object.keys(scenarios).join(", ")}
  --rounds N   how often each fault (default 10)

Needs PostgreSQL, MariaDB, faketime and HAProxy; for the full disk also root. With INCUMBENT_MYSQLD, the path of a mysqld, also
MySQL. Exits with 1 if two processes led, a token
did not grow, or there was no leader within 30 s. While a clock is set forward, two may lead for one ttl each time.`;

await runScript(usage, async (args) => {
  const { values } = readArgs(args, {
    only: { type: "string", default: "" },
    rounds: { type: "string" },
  });
  const rounds = wholeNumber("--rounds", values.rounds, { min: 1, fallback: 10 });
  let failed = 0;
  for (const [name, run] of Object.entries(scenarios)) {
    if (!name.includes(values.only)) continue;
    try {
      const { faults, terms, overlap, allowed, areTokensGrowing } = await run(rounds);
      const holds = overlap <= allowed && areTokensGrowing;
      if (!holds) failed += 1;
      const tokens = areTokensGrowing ? "tokens grew" : "a token did not grow";
      console.log(
        `${holds ? "ok  " : "FAIL"} ${name}: ${faults} faults, ${terms} terms, two leaders for ${overlap.toFixed(0)} ms, ${tokens}`,
      );
    } catch (error) {
      failed += 1;
      console.log(`FAIL ${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  return failed === 0 ? 0 : 1;
});
