// Real candidates and real servers, and everything that can go wrong with them. `npm run chaos -- --help`.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runScript } from "../../scripts/command-line.mjs";
import { Progress } from "../support/progress.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { Report } from "./report.ts";
import { runChaos } from "./run.ts";
import { type Stage, setStage } from "./stage.ts";
import { stores } from "./stores/stores.ts";

/** How many of the last events are shown beside a violation. */
const SHOWN = 60;

/** What came of one stage. */
interface Run {
  readonly seed: number;
  readonly stage: Stage;
  readonly violations: readonly string[];
}

await runScript(usage, (args) => main(parseOptions(args)));

async function main(options: Options): Promise<number> {
  const seeds = Array.from({ length: options.stages }, (_, index) => options.seed + index);
  process.stderr.write(`seed ${seeds.join(", ")}\n`);
  const folder = mkdtempSync(join(tmpdir(), "incumbent-chaos-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true });
      process.exit(1);
    });
  }
  const report = new Report();
  const runs = await runAll(options, report, seeds, folder);
  print(options, report, runs);
  const broken = runs.filter(({ violations }) => violations.length > 0);
  for (const { seed, stage, violations } of broken) {
    process.stderr.write(
      `\n${stage.chronicle.last(SHOWN)}\n\n${violations.join("\n")}\n` +
        `All events: ${stage.chronicle.path}. Again: npm run chaos -- --store ${options.store} --seed ${seed}\n`,
    );
  }
  if (broken.length === 0) rmSync(folder, { recursive: true });
  return broken.length === 0 ? 0 : 1;
}

async function runAll(
  options: Options,
  report: Report,
  seeds: readonly number[],
  folder: string,
): Promise<readonly Run[]> {
  const casting = {
    lies: options.plant === "stored-flag",
    restartGuard: options.plant !== "no-guard",
  };
  const bar = new Progress("faults", { count: options.faults, minutes: options.minutes });
  const progress = () => bar.show(report.faults);
  const course = { options, report, broken: new AbortController(), progress };
  const runs = seeds.map(async (seed) => {
    const stage = await setStage(
      stores[options.store],
      mkdtempSync(join(folder, `seed-${seed}-`)),
      casting,
    );
    const violations = await runChaos(course, stage, seed);
    await stage.clear();
    return { seed, stage, violations };
  });
  const done = await Promise.all(runs);
  bar.end();
  return done;
}

function print({ store, seed, json }: Options, report: Report, runs: readonly Run[]): void {
  const violations = runs.flatMap((run) => run.violations);
  const sum = (count: (run: Run) => number) => runs.reduce((all, run) => all + count(run), 0);
  const writes = sum(({ stage }) => stage.judge.written.lines);
  const terms = sum(({ stage }) => stage.judge.terms);
  const lateWrites = sum(({ stage }) => stage.judge.written.late);
  const { faults, rows } = report;
  if (json) {
    const stages = runs.length;
    const summary = { store, seed, stages, faults, terms, violations, writes, lateWrites, rows };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
    return;
  }
  process.stdout.write(
    `${report.table()}\n\n${store}, seed ${seed}: ${faults} faults, ${terms} terms, ${violations.length} violations; ` +
      `${writes} writes, ${lateWrites} of them late and recognised by their token\n`,
  );
}
