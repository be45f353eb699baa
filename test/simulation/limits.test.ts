import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Action, Scenario, ServerPlan } from "../../simulation/scenario.ts";
import { simulate } from "../../simulation/simulate.ts";

// What docs/stores/redis-quorum.md says is not covered, and what it takes: a server that was cut off from the
// leader until its lease there ended, and one whose clock is set forward, as another candidate starts.
const file = new URL("limits/one-clock-of-three-jumps-while-another-is-away.json", import.meta.url);
const limit: Scenario = JSON.parse(readFileSync(file, "utf8"));

/** The same with so many servers, and with other faults. */
function played(count: number, faults: readonly Action[]): Scenario {
  const server: ServerPlan = { rate: 1, offset: 0, isKnown: true, evicts: false };
  const starts = limit.actions.filter(({ does }) => does === "start");
  const actions = [...starts, ...faults].sort((one, other) => one.at - other.at);
  return { ...limit, servers: Array.from({ length: count }, () => server), actions };
}

const away = (server: number): Action => ({
  ...{ at: 100, does: "partition", process: 0, server, for: 250 },
});
const jumps = (server: number): Action => ({ at: 340, does: "set-forward", server, by: 300 });

async function violationOf(scenario: Scenario): Promise<string | undefined> {
  const { violation } = await simulate(scenario, {});
  return violation === undefined ? undefined : JSON.stringify(violation);
}

describe("two leaders are possible, until the first one's next renewal, when", () => {
  test.each([
    ["one clock of three jumps while another server is away", limit],
    ["two clocks of three jump", played(3, [jumps(1), jumps(2)])],
    ["one clock of five jumps while two servers are away", played(5, [away(3), away(4), jumps(2)])],
  ])("%s", async (_, scenario) => {
    expect(await violationOf(scenario)).toMatch(/believe/);
  });
});

describe("one leader stays the only one when", () => {
  test.each([
    ["one clock of three jumps", played(3, [jumps(1)])],
    ["one server of three is away", played(3, [away(2)])],
    ["one clock of five jumps while another server is away", played(5, [away(4), jumps(3)])],
    ["two clocks of five jump", played(5, [jumps(3), jumps(4)])],
  ])("%s", async (_, scenario) => {
    expect(await violationOf(scenario)).toBeUndefined();
  });
});
