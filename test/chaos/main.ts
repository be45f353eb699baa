// Real candidates and real servers, and everything that can go wrong with them. `npm run chaos -- --help`.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runScript } from "../../scripts/command-line.mjs";
import { Progress } from "../support/progress.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { runChaos } from "./run.ts";
import { setStage } from "./stage.ts";

/** How many of the last events are shown beside a violation. */
const SHOWN = 60;

await runScript(usage, (args) => main(parseOptions(args)));

async function main(options: Options): Promise<number> {
  const { seed, json, plant } = options;
  process.stderr.write(`seed ${seed}\n`);
  const folder = mkdtempSync(join(tmpdir(), "incumbent-chaos-"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true });
      process.exit(1);
    });
  }
  const stage = await setStage(folder, {
    lies: plant === "stored-flag",
    restartGuard: plant !== "no-guard",
  });
  const progress = new Progress("faults", { count: options.faults, minutes: options.minutes });
  const { report, violations } = await runChaos(stage, options, ({ faults }) =>
    progress.show(faults),
  );
  progress.end();
  await stage.clear();
  const { lines, late } = stage.judge.written;
  if (json) {
    const { faults, rows } = report;
    const summary = { seed, faults, violations, writes: lines, lateWrites: late, rows };
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } else {
    process.stdout.write(
      `${report.table()}\n\nseed ${seed}: ${report.faults} faults, ${violations.length} violations; ` +
        `${lines} writes, ${late} of them late and told by their token\n`,
    );
  }
  if (violations.length === 0) {
    rmSync(folder, { recursive: true });
    return 0;
  }
  process.stderr.write(
    `\n${stage.chronicle.last(SHOWN)}\n\n${violations.join("\n")}\n` +
      `All events: ${stage.chronicle.path}. Again: npm run chaos -- --seed ${seed}\n`,
  );
  return 1;
}
