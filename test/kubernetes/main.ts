// Candidates of Incumbent and of client-go in one election, on a real API server, handed over and killed in turn.
// docs/internals/kubernetes.md says how to start the server and how to build the candidate.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Beliefs } from "./terms.ts";

const { values } = parseArgs({
  options: {
    server: { type: "string", default: "" },
    candidate: { type: "string", default: "" },
    minutes: { type: "string", default: "5" },
  },
});
/** The token, and the Lease, that the candidate of client-go has in its program. */
const [TOKEN, LEASE] = ["secret", "wire"];

const beliefs = new Beliefs();
const candidates = new Map<string, ChildProcess>();
const counts: Record<string, number> = {};
let started = 0;

function start(kind: "ours" | "go"): void {
  started += 1;
  const id = `${kind}${started}`;
  const seconds = 5 + (started % 5) * 3;
  const child =
    kind === "go"
      ? spawn(values.candidate, [values.server, id, `${seconds}s`])
      : spawn(process.execPath, [
          ...["--import", "tsx", new URL("candidate.mts", import.meta.url).pathname],
          ...[values.server, TOKEN, LEASE, id],
        ]);
  candidates.set(id, child);
  createInterface({ input: child.stdout }).on("line", (line) => beliefs.hear(line));
  child.stderr.resume();
  child.on("close", () => {
    beliefs.end(id, Date.now());
    candidates.delete(id);
    if (!isOver) start(kind);
  });
}

let isOver = false;
const end = Date.now() + Number(values.minutes) * 60_000;
for (const kind of ["ours", "go", "ours", "go"] as const) start(kind);
let last = "";
while (Date.now() < end) {
  await sleep(20);
  const [leader = ""] = beliefs.leaders;
  if (leader === "" || leader === last) continue;
  const from = last.startsWith("go") ? "go" : "ours";
  const to = leader.startsWith("go") ? "go" : "ours";
  if (last !== "") count(`led ${from} -> ${to}`);
  last = leader;
  await sleep(300 + 400 * (started % 3));
  const child = candidates.get(leader);
  const isKilled = started % 3 === 0;
  if (child === undefined || !beliefs.leaders.includes(leader)) continue;
  if (isKilled) {
    count(`killed ${to}`);
    child.kill("SIGKILL");
    await once(child, "close");
  } else if (to === "ours") {
    count("stopped ours");
    child.kill("SIGTERM");
  } else {
    // It gives the Lease back when its time is over.
    count("released go");
  }
}
isOver = true;
for (const child of candidates.values()) child.kill("SIGKILL");
await Promise.all([...candidates.values()].map((child) => once(child, "close")));
process.stdout.write(`${JSON.stringify(counts)}\n${beliefs.ended.length} terms\n`);
const overlaps = beliefs.overlaps();
process.stdout.write(`${overlaps.length} times two leaders\n${overlaps.join("\n")}\n`);
process.exitCode = overlaps.length === 0 ? 0 : 1;

function count(what: string): void {
  counts[what] = (counts[what] ?? 0) + 1;
}
