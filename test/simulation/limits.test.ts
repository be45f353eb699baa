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

// What docs/stores/redis.md says of Sentinel: the server 0 goes on where the leader is, and a replica is promoted where
// the other candidate is.
describe("behind Sentinel", () => {
  const server: ServerPlan = { rate: 1, offset: 0, isKnown: true, evicts: false };
  const candidate = { gains: [], losses: [] };

  /** The leader reaches the Sentinels but the one that leads the failover; the others learn of it so many ms later. */
  function cutOff(informed: readonly number[], minReplicas: number): Scenario {
    const cut = { does: "partition", process: 0, server: 3, for: 9000 } as const;
    return {
      seed: 1,
      timing: { ...limit.timing, ttl: 1000, renewalInterval: 300, safetyMargin: 0 },
      servers: [server],
      sentinel: { servers: [server, server, server], lag: 1, minReplicas },
      processes: [{ rate: 1 }, { rate: 1 }],
      candidates: [
        { ...candidate, nodeId: "a", process: 0 },
        { ...candidate, nodeId: "b", process: 1 },
      ],
      actions: [
        { at: 0, does: "start", candidate: 0 },
        { at: 200, does: "start", candidate: 1 },
        { at: 1400, ...cut },
        {
          ...({ at: 1500, does: "promote", server: 1, former: "cut off", informed } as const),
          ...{ for: 0, demoted: 8000, followed: 500 },
        },
      ],
      weather: { delay: 1, lost: 0, answerLost: 0, late: 0, twice: 0, latest: 1 },
      troubleEnds: 10_000,
    };
  }

  test("two leaders are possible while a majority of the Sentinels does not know of a failover", async () => {
    expect(await violationOf(cutOff([0, 6000, 6000], 0))).toMatch(/believe/);
  });

  test("a leader that moves to a new primary without replicas and back makes two possible", async () => {
    const name = "limits/a-leader-returns-to-the-former-primary.json";
    const scenario = JSON.parse(readFileSync(new URL(name, import.meta.url), "utf8"));
    expect(await violationOf(scenario)).toMatch(/believe/);
  });

  test.each([
    ["a majority of the Sentinels knows, although the former primary goes on", [0, 0, 6000], 0],
    ["no majority knows, but a lease counts only with half of the replicas", [0, 6000, 6000], 1],
  ])("one leader stays the only one when %s", async (_, informed, minReplicas) => {
    expect(await violationOf(cutOff(informed, minReplicas))).toBeUndefined();
  });
});
