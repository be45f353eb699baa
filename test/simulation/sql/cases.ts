import { Random } from "../../../simulation/random.ts";
import type { ElectionRow, Memory } from "../../../simulation/sql/memory.ts";
import type { Reply } from "../../../simulation/sql/postgres/asked.ts";
import type { Name } from "../../../simulation/sql/postgres/decide.ts";
import type { Notice, Table } from "../../../simulation/sql/transaction.ts";

/** One statement on a server as it stands, with many requests, each about an election of its own. */
export interface Case {
  readonly name: Name;
  readonly values: readonly string[];
  readonly memory: Memory;
  readonly run: string;
  /** The clock before the locks, and after them. */
  readonly now: number;
  readonly later: number;
  /** What another transaction has. */
  readonly locked: readonly (readonly [table: Table, key: string])[];
}

/** What became of it. */
export interface Result {
  readonly replies: readonly Reply[];
  readonly memory: Memory;
  readonly notices: readonly Notice[];
}

const NOW = 1000;
const [names, runs] = [
  ["acquire", "acquire", "renew", "renew", "renew", "release", "read", "adopt"],
  ["here", "here", "here", "there"],
] as const;

/** Draws a case. No election has to be one that statements can have left behind. */
export function draw(seed: number, requests: number): Case {
  const random = new Random(seed);
  const run = random.pick(runs);
  const name = random.pick(names);
  const elections = new Map<string, ElectionRow>();
  const fences = new Map<string, number>();
  const asked: object[] = [];
  const locked: [Table, string][] = [];
  const later = NOW + random.pick([0, 0, 1, 5]);
  for (let at = 0; at < requests; at += 1) {
    const key = `key-${String(at).padStart(3, "0")}`;
    if (random.chance(0.95)) elections.set(key, drawRow(random));
    if (random.chance(0.95)) fences.set(key, random.whole(0, 4));
    for (const table of ["elections", "fences"] as const) {
      if (random.chance(0.05)) locked.push([table, key]);
    }
    asked.push({ key, ...drawRequest(random) });
  }
  const stamp = random.chance(0.3) ? undefined : { run: random.pick(runs), since: moment(random) };
  const known = random.chance(0.9) ? run : "there";
  const isForLease = name === "acquire" || name === "renew";
  const values = [JSON.stringify(asked), ...(isForLease ? [known] : [])];
  return { name, values, memory: { elections, fences, stamp }, run, now: NOW, later, locked };
}

function drawRow(random: Random): ElectionRow {
  const ttl = random.whole(1, 20);
  return {
    nonce: random.pick(["", "one", "one", "two"]),
    node_id: random.pick(["node", "other"]),
    metadata: random.pick(["", "says"]),
    token: random.whole(0, 4),
    since: random.whole(0, NOW),
    ttl,
    ends_at: random.pick([0, moment(random), NOW + random.whole(0, ttl)]),
    run: random.pick(["here", "here", "here", "here", "there"]),
    waits_until: random.pick([0, 0, moment(random), NOW + random.whole(0, 10)]),
    floor: random.pick([0, moment(random), NOW + 50]),
  };
}

function drawRequest(random: Random): object {
  return {
    nonce: random.pick(["one", "one", "two"]),
    node_id: random.pick(["node", "other"]),
    metadata: random.pick(["", "says"]),
    ttl: random.whole(1, 20),
    token: random.pick([random.whole(0, 4), random.whole(0, 4), moment(random)]),
    last: random.pick([NOW + 100, NOW + 100, moment(random)]),
    quarantine: random.whole(1, 20),
  };
}

/** Near the clock, and often just at it. */
function moment(random: Random): number {
  return NOW + random.pick([0, 1, -1, random.whole(-30, 30)]);
}
