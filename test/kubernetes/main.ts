// Candidates of Incumbent and of client-go in one election, on a real API server, handed over and killed in turn.
// docs/internals/kubernetes.md says how to start the server and how to build the candidate.

import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Candidates, kindOf } from "./candidates.ts";
import { Tally } from "./tally.ts";

const { values } = parseArgs({
  options: {
    server: { type: "string", default: "" },
    candidate: { type: "string", default: "" },
    minutes: { type: "string", default: "5" },
    handovers: { type: "string", default: "200" },
    kills: { type: "string", default: "100" },
    ours: { type: "string", default: "1" },
    go: { type: "string", default: "2" },
    results: { type: "string", default: "" },
  },
});
/** From one line about the progress to the next, in ms. */
const REPORT_EVERY = 15_000;

/** Kills are slower than the rest, so they come as often as they are wanted, and no more. */
const killsEvery = Math.round(1 + Number(values.handovers) / Number(values.kills));

const tally = new Tally(values.results);
const candidates = new Candidates(values.server, values.candidate);
const { beliefs } = candidates;
const before = { terms: tally.terms, overlaps: tally.overlaps };

let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    isInterrupted = true;
  });
}
const end = Date.now() + Number(values.minutes) * 60_000;
const isDone = () =>
  isInterrupted ||
  Date.now() > end ||
  (tally.crossings("handed over") >= Number(values.handovers) &&
    tally.crossings("killed") >= Number(values.kills));

for (const kind of ["ours", "go"] as const) {
  for (let count = 0; count < Number(values[kind]); count += 1) candidates.start(kind);
}
let [last, turn, reportAt] = ["", 0, Date.now() + REPORT_EVERY];
while (!isDone()) {
  await sleep(20);
  if (Date.now() > reportAt) report();
  const [leader = ""] = beliefs.leaders;
  if (leader === "" || leader === last) continue;
  if (last !== "") tally.count(candidates.leavingOf(last), kindOf(last), kindOf(leader));
  last = leader;
  turn += 1;
  keep();
  await sleep(300 + 400 * (turn % 3));
  if (!beliefs.leaders.includes(leader)) continue;
  if (turn % killsEvery === 0) await candidates.kill(leader);
  else candidates.leave(leader);
}
await candidates.end();
keep();
report();
process.stdout.write(`${tally.overlaps.map((each) => `${each}\n`).join("")}`);
process.exitCode = tally.overlaps.length === 0 ? 0 : 1;

function keep(): void {
  tally.terms = before.terms + beliefs.ended.length;
  tally.overlaps = [...before.overlaps, ...beliefs.overlaps()];
  tally.keep();
}

function report(): void {
  reportAt = Date.now() + REPORT_EVERY;
  const counts = Object.entries(tally.counts).map(([what, count]) => `${what}: ${count}`);
  const overlaps = `${tally.overlaps.length} times two leaders`;
  process.stdout.write(`${tally.terms} terms; ${overlaps}; ${counts.sort().join("; ")}\n`);
}
