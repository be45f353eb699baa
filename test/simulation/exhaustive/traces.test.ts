import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Instance } from "../../../simulation/exhaustive/instance.ts";
import { oneServer, threeServers } from "../../../simulation/exhaustive/instances.ts";
import { replay } from "../../../simulation/exhaustive/transcript.ts";
import { brokenRules } from "../redis/broken-rules.ts";
import { brokenTallies } from "./broken-tallies.ts";

// The counter-examples that shaped the protocol, step by step. Each needs that one rule is left out.
const broken: Readonly<Record<string, { changes: Partial<Instance>; violates: RegExp }>> = {
  "a-the-clean-up-of-an-attempt-frees-the-next-one": {
    changes: { identity: "node" },
    violates: /^I1: c0 and c1 both lead$/,
  },
  "b-a-server-forgets-its-leader": {
    changes: { rules: brokenRules.noQuarantine },
    violates: /^I1: c0 and c1 both lead$/,
  },
  "c-a-restored-lease-ends-the-quarantine": {
    changes: { rules: brokenRules.restoreEndsQuarantine },
    violates: /^I1: c0 and c1 both lead$/,
  },
  // On one server, tokens by the clock would do without the floor, and the floor without the clock.
  "d-a-token-is-given-twice": {
    changes: { rules: brokenRules.plainCounterWithoutFloor },
    violates: /^I2: token 5 follows token 5$/,
  },
  "e-an-attempt-overwrites-the-next-one": {
    changes: { rules: brokenRules.ownOverwrite },
    violates: /^I1: c0 and c1 both lead$/,
  },
  "f-a-vote-of-several-is-forgotten": {
    changes: { tally: brokenTallies.forgetfulVoters },
    violates: /^I1: c0 and c1 both lead$/,
  },
};

const often = { flushes: 1, wipes: 1, renewals: 2, resignations: 1, repetitions: 1 };
const longer = { ttl: 4, renewalInterval: 2, margin: 1, pollInterval: 4, drainTimeout: 4 };
const severalServers: Readonly<Record<string, Instance>> = {
  "f-a-vote-of-several-is-forgotten": threeServers(
    "",
    { wipes: 1, renewals: 1 },
    { timing: longer, quarantine: longer.ttl },
  ),
};
const folder = new URL("./traces/", import.meta.url);

describe.each(readdirSync(folder).map((file) => file.replace(".txt", "")))("%s", (name) => {
  const text = readFileSync(new URL(`${name}.txt`, folder), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const instance = severalServers[name] ?? oneServer(name, [2, 2], often);

  test("violates without the rule, step by step", () => {
    const { changes = {}, violates = /never/ } = broken[name] ?? {};
    const { violation, skipped, transcript } = replay({ ...instance, ...changes }, lines);
    expect(violation, transcript).toMatch(violates);
    expect(skipped, transcript).toEqual([]);
  });

  test("is harmless with the rules as they are", () => {
    const { violation, skipped, transcript } = replay(instance, lines);
    expect(violation, transcript).toBe(undefined);
    // What it goes on with is no longer possible, and not the whole story.
    expect(skipped.length, transcript).toBeLessThan(lines.length / 2);
  });
});
