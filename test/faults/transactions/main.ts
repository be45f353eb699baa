// Leaders that are killed, paused and cut off inside fenced transactions. `npm run fenced -- --help`.

import { runScript } from "../../../scripts/command-line.mjs";
import { Progress } from "../../support/progress.ts";
import { databases } from "./databases.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { type Outcome, runRounds } from "./rounds.ts";

await runScript(usage, (args) => main(parseOptions(args)));

async function main({ databases: names, ...options }: Options): Promise<number> {
  let violations = 0;
  for (const name of names) {
    const bar = new Progress(`rounds on ${name}`, {
      count: options.rounds,
      minutes: Number.POSITIVE_INFINITY,
    });
    const database = await databases[name]();
    const onRound = (round: number) => bar.show(round);
    const outcome = await runRounds({ ...options, onRound }, database).finally(database.stop);
    bar.end();
    tell(`${name}, seed ${options.seed}`, outcome);
    violations += outcome.late.length + (outcome.unsound === undefined ? 0 : 1);
  }
  return violations === 0 ? 0 : 1;
}

function tell(what: string, { rows, terms, refused, late, unsound, report }: Outcome): void {
  const failures = [...refused].map(([code, times]) => `${code} ${times}`).sort();
  const first = late
    .slice(0, 5)
    .map(({ at, token, after }) => `row ${at}: ${token} after ${after}`);
  process.stdout.write(
    `${what}: ${rows} rows of ${terms} terms, ${late.length} of an older term after a newer one\n` +
      `failed transactions: ${failures.join(", ")}\n${report.table()}\n${first.join("\n")}${unsound ?? ""}\n`,
  );
}
