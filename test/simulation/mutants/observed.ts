import type { Mutant } from "./mutant.ts";

const store = "src/stores/observed/observed-store.ts";
const rules = "src/stores/observed/observed-rules.ts";
const election = "src/stores/observed/observed-election.ts";
const sighting = "src/stores/observed/sighting.ts";

/** On a register without a clock. */
export const observed: readonly Mutant[] = [
  {
    name: "writes have neither number nor date",
    breaks: ["I1"],
    file: store,
    replace: [
      "return { now, wall, seq: election.nextSeq(record?.seq ?? 0), isGuarded: this.#isGuarded };",
      "return { now, wall: 1_770_000_000_000, seq: 0, isGuarded: this.#isGuarded };",
    ],
    servers: 0,
  },
  {
    name: "an observer waits for half a ttl",
    breaks: ["I1"],
    file: rules,
    replace: ["return ttl * (1 + DRIFT) + GRAIN;", "return ttl / 2;"],
    servers: 0,
  },
  {
    name: "a record is dated when it was asked for",
    breaks: ["I1"],
    file: sighting,
    replace: [
      "sight(before, cell, { now, gap, isWatched })",
      "sight(before, cell, { now: Math.max(sentAt, 0) || now, gap, isWatched })",
    ],
    trace: "a-look-that-takes-long.json",
  },
  {
    name: "an older record is ignored",
    breaks: ["I1", "I9"],
    file: sighting,
    replace: ["if (mayBeLate && isOlder", "if (before !== undefined && isOlder"],
    servers: 0,
  },
  {
    name: "an absent record is free",
    breaks: ["I1"],
    file: rules,
    replace: ["record === undefined ? seenAt : doubtedAt", "doubtedAt"],
    servers: 0,
  },
  {
    name: "a record from the past is believed to be free",
    breaks: ["I1"],
    file: rules,
    replace: [
      "record === undefined ? seenAt : doubtedAt",
      "record === undefined ? seenAt : undefined",
    ],
    servers: 0,
  },
  {
    name: "an interruption is overlooked",
    breaks: ["I1"],
    file: election,
    replace: ['    this.#view = { ...this.#view, gap: "interrupted" };\n', ""],
    servers: 0,
  },
  {
    name: "a token is above that of the record alone",
    breaks: ["I2"],
    file: rules,
    replace: [
      "Math.max(sighting.largestToken + 1, above + 1, Math.floor(wall * 1000))",
      "(sighting.cell.record?.token ?? 0) + 1",
    ],
    servers: 0,
  },
  {
    name: "a connection that breaks says nothing of what is not watched",
    breaks: ["I1"],
    file: "src/stores/observed/observed-election.ts",
    replace: ["if (!this.isWatched) this.interrupt();", ""],
    trace: "a-set-back-beside-another-watch.json",
  },
];
