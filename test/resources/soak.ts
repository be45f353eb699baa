// Electors on every store, their leader changed again and again, and what they weigh meanwhile.
// `npm run soak -- --help`.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readArgs, runScript, wholeNumber } from "../../scripts/command-line.mjs";
import { Progress } from "../support/progress.ts";
import { startRedis } from "../support/redis-server.ts";
import { type CrowdOptions, Crowds, decisionsOf } from "./crowd.ts";
import { Scales } from "./scales.ts";

/** In the half that is weighed; in the half before it, so often that all code is compiled. */
const RESIGN_EVERY = 1000;
const RESIGN_AT_FIRST_EVERY = 50;
const WEIGH_EVERY = 10_000;
const OPTIONS = { ttl: 1000 };

const usage = `npm run soak -- [--minutes N] [--json]

  --minutes N  how long (default 30); what grows is told from 10 minutes on
  --json       the table as JSON

Exits with 1 if a guarantee is broken or something grows.`;

await runScript(usage, (args) => {
  const { values } = readArgs(args, {
    minutes: { type: "string" },
    json: { type: "boolean", default: false },
  });
  return soak(wholeNumber("--minutes", values.minutes, { min: 1, fallback: 30 }), values.json);
});

async function soak(minutes: number, json: boolean): Promise<number> {
  const redis = await startRedis();
  const folder = mkdtempSync(join(tmpdir(), "incumbent-soak-"));
  const elections = [
    { name: "redis", processes: 3, store: { port: redis.port } },
    { name: "sqlite", processes: 3, store: { path: join(folder, "election.db") } },
    { name: "memory", processes: 1, store: {} },
  ].map(({ name, processes, store }) =>
    hold(name, processes, { store, key: "soak", count: 3, options: OPTIONS }),
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      rmSync(folder, { recursive: true });
      process.exit(1);
    });
  }
  const scales = new Scales();
  const progress = new Progress("changes of the leader", {
    count: Number.POSITIVE_INFINITY,
    minutes,
  });
  const began = performance.now();
  const ends = began + minutes * 60_000;
  let changes = 0;
  let weighedAt = began;
  const violations: string[] = [];
  while (performance.now() < ends && violations.length === 0) {
    const isWarm = performance.now() > (began + ends) / 2;
    await sleep(isWarm ? RESIGN_EVERY : RESIGN_AT_FIRST_EVERY);
    for (const { crowds, names } of elections) {
      const elected = crowds.next("elected");
      for (const name of names) crowds.tell(name, "resign");
      await elected;
      changes += 1;
    }
    if (performance.now() - weighedAt < WEIGH_EVERY) continue;
    weighedAt = performance.now();
    for (const { crowds, names } of elections) {
      for (const name of names) scales.add(name, await crowds.weigh(name));
      // A process that has said what it weighs has said everything before, too.
      violations.push(...crowds.judge.takeViolations());
    }
    progress.show(changes);
  }
  progress.end();
  const commands = ((await decisionsOf(redis)) / (performance.now() - began)) * 1000;
  await Promise.all(elections.map(({ crowds }) => crowds.disperse()));
  await redis.stop();
  rmSync(folder, { recursive: true });
  // A short run has nothing to draw a line through.
  const growing = minutes < 10 ? [] : scales.growing;
  const { rows } = scales;
  process.stdout.write(
    json
      ? `${JSON.stringify({ minutes, changes, commands, violations, growing, rows })}\n`
      : `${scales.table()}\n\n${minutes} minutes: ${changes} changes of the leader, ${violations.length} violations, ${commands.toFixed(1)} commands/s on Redis, ${growing.length === 0 ? "nothing grows" : `growing: ${growing.join(", ")}`}\n`,
  );
  process.stderr.write(violations.map((violation) => `${violation}\n`).join(""));
  return violations.length + growing.length === 0 ? 0 : 1;
}

function hold(name: string, processes: number, options: CrowdOptions) {
  const crowds = new Crowds();
  const names = Array.from({ length: processes }, (_, index) => `${name}-${index}`);
  for (const process of names) crowds.add(process, options);
  return { crowds, names };
}
