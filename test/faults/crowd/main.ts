// Fifty candidates that ask at once, round after round, on a server that is disturbed. `npm run crowd -- --help`.

import { readArgs, runScript, UsageError, wholeNumber } from "../../../scripts/command-line.mjs";
import { Progress } from "../../support/progress.ts";
import { crowd } from "./crowd.ts";
import { servers } from "./servers.ts";

const usage = `npm run crowd -- [--store STORE] [--candidates N] [--rounds N] [--seed N]

  --store STORE   postgres (default), mariadb, or mysql, which needs INCUMBENT_MYSQLD, the path of its program
  --candidates N  how many ask at once (default 50)
  --rounds N      how often (default 1000)
  --seed N        draw the same faults again (default 1)

Exits with 1 if a round had two winners, or a token did not grow.`;

await runScript(usage, async (args) => {
  const { values } = readArgs(args, {
    store: { type: "string", default: "postgres" },
    candidates: { type: "string" },
    rounds: { type: "string" },
    seed: { type: "string" },
  });
  const { store } = values;
  if (store !== "postgres" && store !== "mariadb" && store !== "mysql") {
    throw new UsageError(`--store must be postgres, mariadb or mysql; got ${store}`);
  }
  const candidates = wholeNumber("--candidates", values.candidates, { min: 2, fallback: 50 });
  const rounds = wholeNumber("--rounds", values.rounds, { min: 1, fallback: 1000 });
  const seed = wholeNumber("--seed", values.seed, { min: 0, fallback: 1 });
  const bar = new Progress(`rounds on ${store}`, {
    count: rounds,
    minutes: Number.POSITIVE_INFINITY,
  });
  const began = performance.now();
  const server = await servers[store]();
  const onRound = (round: number) => bar.show(round);
  const result = await crowd(server, { candidates, rounds, seed, onRound }).finally(server.stop);
  bar.end();
  const { faults, slow, repeated, violations } = result;
  const seconds = Math.round((performance.now() - began) / 1000);
  process.stdout.write(
    `${store}, ${candidates} candidates, seed ${seed}: ${rounds} rounds in ${seconds} s, ${JSON.stringify(faults)}, ` +
      `asked again ${repeated}, too slow to judge ${slow}\n${violations.join("\n")}\nviolations: ${violations.length}\n`,
  );
  return violations.length === 0 ? 0 : 1;
});
