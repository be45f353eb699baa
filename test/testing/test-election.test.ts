import { afterEach, describe, expect, test, vi } from "vitest";
import type { Elector } from "../../src/index.ts";
import { createTestElection, type TestElection } from "../../src/testing.ts";

const elections: TestElection[] = [];

function open(...args: Parameters<typeof createTestElection>): TestElection {
  const election = createTestElection(...args);
  elections.push(election);
  return election;
}

afterEach(async () => {
  await Promise.all(elections.splice(0).map((election) => election.close()));
});

/** An election whose elector has started, and what it has reported: `gain` and the reasons of losses. */
async function started(...args: Parameters<typeof createTestElection>) {
  const election = open(...args);
  const changes: string[] = [];
  listen(election.elector, changes);
  await election.elector.start();
  await election.advance(0);
  return { election, elector: election.elector, changes };
}

function listen(elector: Elector, changes: string[]): void {
  elector.on("elected", () => changes.push("gain"));
  elector.on("deposed", ({ reason }) => changes.push(reason));
}

describe("no elector is elected", () => {
  test("until the test calls grant(), however much time passes", async () => {
    const { election, elector, changes } = await started();
    await election.advance(600_000);
    expect(changes).toEqual([]);
    expect(await elector.leader()).toMatchObject({ nodeId: "somebody-else", token: 1 });
    await election.advance(5000);
    // Nor is its end ever near.
    expect(await elector.leader()).toMatchObject({ nodeId: "somebody-else", expiresIn: 10_000 });
  });

  test("again by itself after a loss", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await election.steal();
    await election.advance(600_000);
    expect(changes).toEqual(["gain", "superseded"]);
    expect(await elector.leader()).toMatchObject({ nodeId: "somebody-else", token: 3 });
  });

  test("when the leader resigns or stops", async () => {
    const { election, changes } = await started();
    const second = election.electorFor("test");
    listen(second, changes);
    await second.start();
    await election.grant();
    expect(await election.elector.resign()).toBe("confirmed");
    await election.advance(60_000);
    await election.grant();
    expect(await election.elector.stop()).toBe("confirmed");
    await election.advance(60_000);
    expect(changes).toEqual(["gain", "resigned", "gain", "stopped"]);
  });
});

describe("grant()", () => {
  test("elects at once, with the next token, and emits the term before it resolves", async () => {
    const { election, elector, changes } = await started();
    const before = election.clock.now();
    await election.grant();
    expect(election.clock.now()).toBe(before);
    expect(changes).toEqual(["gain"]);
    expect(elector.term).toMatchObject({ key: "test", nodeId: "elector-1", token: 2 });
    expect(elector.term?.since).toEqual(new Date("2026-01-01T00:00:00Z"));
  });

  test("lasts for ever, as long as the store is reachable", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await election.advance(3_600_000);
    expect(elector.isLeader()).toBe(true);
    expect(changes).toEqual(["gain"]);
  });

  test("elects the given candidate, and another one after a loss", async () => {
    const { election, elector } = await started("job");
    const second = election.electorFor("job", { nodeId: "second" });
    await second.start();
    await election.grant(second);
    expect([elector.isLeader(), second.isLeader()]).toEqual([false, true]);
    await election.steal(second);
    await election.grant(elector);
    expect([elector.isLeader(), second.isLeader()]).toEqual([true, false]);
  });

  test("begins a term at the date that the clock shows", async () => {
    const { election, elector } = await started();
    await election.advance(60_000);
    await election.grant();
    expect(elector.term?.since).toEqual(new Date("2026-01-01T00:01:00Z"));
  });

  test("waits for a candidate that has just resigned", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await elector.resign();
    await election.grant();
    expect(changes).toEqual(["gain", "resigned", "gain"]);
    expect(election.clock.now()).toBe(3000);
  });

  test("takes no lease from a draining term: the next term begins after the release", async () => {
    const { election, changes } = await started("job", { drainTimeout: 4000 });
    const second = election.electorFor("job");
    second.on("elected", () => changes.push(`gain at ${election.clock.now()}`));
    await second.start();
    void election.elector.lead(() => new Promise(() => {})).catch(() => {});
    await election.grant();
    void election.elector.resign();
    await election.grant(second);
    expect(changes).toEqual(["gain", "resigned", "gain at 4000"]);
  });

  test("lets `lead` work begin before it resolves, and a loss aborts it", async () => {
    const election = open();
    const did: string[] = [];
    const led = election.elector.lead(async ({ signal, token }) => {
      did.push(`began with ${token}`);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      did.push("aborted");
    });
    await election.advance(0);
    await election.grant();
    expect(did).toEqual(["began with 2"]);
    await election.steal();
    expect(did).toEqual(["began with 2", "aborted"]);
    await election.grant();
    expect(did.at(-1)).toBe("began with 4");
    const stopped = expect(led).rejects.toMatchObject({ code: "INCUMBENT_STOPPED" });
    await election.close();
    await stopped;
  });
});

describe("a loss", () => {
  test("by steal() is reported as superseded, within one renewal interval", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await election.advance(1000);
    const { signal } = elector.term ?? {};
    await election.steal();
    expect(changes).toEqual(["gain", "superseded"]);
    expect(signal?.reason).toMatchObject({ code: "INCUMBENT_LEADERSHIP_LOST" });
    expect(election.clock.now()).toBe(3000);
  });

  test("by expire() is reported as expired, and isLeader() is false at once", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await election.advance(5000);
    const expiring = election.expire();
    expect(elector.isLeader()).toBe(false);
    await expiring;
    expect(changes).toEqual(["gain", "expired"]);
  });

  test("by a partition comes at the deadline and not before", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await election.partition(election.elector);
    await election.advance(8999);
    expect(elector.isLeader()).toBe(true);
    await election.advance(1);
    expect(changes).toEqual(["gain", "store-lost"]);
  });

  test("does not come if a partition heals in time", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await election.partition(election.elector);
    await election.advance(5000);
    await election.heal(election.elector);
    await election.advance(60_000);
    expect(elector.isLeader()).toBe(true);
    expect(changes).toEqual(["gain"]);
  });

  test("by a partition may be followed by another term when it has healed", async () => {
    const { election, changes } = await started();
    await election.grant();
    await election.partition(election.elector);
    await election.advance(20_000);
    await election.heal(election.elector);
    await election.grant();
    expect(changes).toEqual(["gain", "store-lost", "gain"]);
  });
});

describe("several electors", () => {
  test("of several keys do not disturb each other", async () => {
    const { election, elector } = await started("a");
    const other = election.electorFor("b");
    await other.start();
    await election.grant();
    await election.grant(other);
    await election.steal(other);
    expect([elector.isLeader(), other.isLeader()]).toEqual([true, false]);
  });

  test("can be cut off one by one", async () => {
    const { election, elector } = await started("a");
    const other = election.electorFor("b");
    await other.start();
    await election.grant();
    await election.grant(other);
    await election.partition(other);
    await election.advance(10_000);
    expect([elector.isLeader(), other.isLeader()]).toEqual([true, false]);
  });

  test("see the leader and every change", async () => {
    const { election } = await started();
    const watching = election.electorFor("test");
    const seen: (string | undefined)[] = [];
    const done = (async () => {
      for await (const leader of watching.observe()) seen.push(leader?.nodeId);
    })();
    await election.advance(0);
    await election.grant();
    await election.steal();
    expect(seen).toEqual(["somebody-else", "elector-1", "somebody-else"]);
    await election.close();
    await done;
  });
});

describe("the end", () => {
  test.each([5000, 60_000])(
    "close() stops everything, also what is cut off and work that does not settle for %i ms",
    async (drainTimeout) => {
      const election = open("test", { drainTimeout });
      void election.elector.lead(() => new Promise(() => {})).catch(() => {});
      await election.advance(0);
      await election.grant();
      const cut = election.electorFor("other");
      await cut.start();
      await election.partition(cut);
      await election.advance(100);
      await election.close();
      expect(election.clock.armed).toBe(0);
    },
  );

  test("close() lets no more time pass than the electors need", async () => {
    const { election } = await started();
    let hasFired = false;
    election.clock.timer(1000, () => {
      hasFired = true;
    });
    await election.close();
    expect([hasFired, election.clock.now()]).toEqual([false, 0]);
  });

  test("stop() during a partition is unconfirmed after one renewal interval", async () => {
    const { election, elector } = await started();
    await election.grant();
    await election.partition(election.elector);
    const stopped = elector.stop();
    expect(elector.isLeader()).toBe(false);
    await election.advance(3000);
    expect(await stopped).toBe("unconfirmed");
  });

  test("`await using` closes", async () => {
    let elector: Elector;
    {
      await using election = createTestElection();
      elector = election.elector;
      await elector.start();
      await election.grant();
    }
    expect(elector.isLeader()).toBe(false);
  });
});

describe("a vacant election", () => {
  test("goes to the first elector that starts, and no grant() is needed", async () => {
    const { election, elector, changes } = await started({ vacant: true });
    expect([changes, elector.term?.token]).toEqual([["gain"], 1]);
    const second = election.electorFor("test");
    await second.start();
    await election.advance(60_000);
    expect(second.status).toMatchObject({ role: "follower", leader: { nodeId: "elector-1" } });
  });

  test("goes to a follower in the middle of a test, when the leader stops", async () => {
    const { election, elector } = await started({ vacant: true });
    const second = election.electorFor("test");
    await second.start();
    await elector.stop();
    await election.advance(0);
    expect(second.term?.token).toBe(2);
  });

  test("is taken by steal(), and free again after vacate()", async () => {
    const { election, elector, changes } = await started({ vacant: true });
    await election.steal();
    await election.advance(60_000);
    expect([changes, elector.status.leader?.nodeId]).toEqual([
      ["gain", "superseded"],
      "somebody-else",
    ]);
    await election.vacate();
    expect(changes).toEqual(["gain", "superseded", "gain"]);
    expect(elector.term?.token).toBe(3);
  });

  test("that was stolen has a rival until vacate(), also after another term", async () => {
    const { election, elector, changes } = await started({ vacant: true });
    await election.steal();
    await election.grant();
    await elector.resign();
    await election.advance(60_000);
    expect(changes).toEqual(["gain", "superseded", "gain", "resigned"]);
    expect(elector.status.leader?.nodeId).toBe("somebody-else");
  });

  test("goes on with its tokens after vacate(), also for one who has seen none of them", async () => {
    const { election, elector } = await started();
    await election.grant();
    await elector.stop();
    expect(await elector.leader()).toMatchObject({ nodeId: "somebody-else", token: 3 });
    await election.vacate();
    const fresh = election.electorFor("test");
    await fresh.start();
    await election.advance(0);
    expect(fresh.term?.token).toBe(4);
  });

  test("is what any becomes by vacate(), before the first elector asks", async () => {
    const election = open();
    await election.vacate();
    await election.elector.start();
    await election.advance(0);
    expect(election.elector.term?.token).toBe(1);
  });

  test("leaves the lease to the elector that has it when vacate() comes", async () => {
    const { election, elector, changes } = await started();
    await election.grant();
    await election.vacate();
    await election.advance(60_000);
    expect([changes, elector.isLeader()]).toEqual([["gain"], true]);
  });

  test("can be made of one that is not, and lets grant() choose as before", async () => {
    const { election, changes } = await started();
    await election.grant();
    await election.steal();
    await election.grant();
    await election.steal();
    await election.vacate();
    expect(changes).toEqual(["gain", "superseded", "gain", "superseded", "gain"]);
  });
});

describe("crash()", () => {
  test("is not reported to callbacks, and another is elected when the lease has expired", async () => {
    const { election, elector, changes } = await started({ vacant: true });
    const second = election.electorFor("test");
    await second.start();
    await election.advance(0);
    await election.crash();
    expect([changes, elector.isLeader()]).toEqual([["gain"], false]);
    await election.advance(9_999);
    expect([second.isLeader(), second.status.leader?.nodeId]).toEqual([false, "elector-1"]);
    await election.advance(1);
    expect([second.isLeader(), changes]).toEqual([true, ["gain"]]);
  });

  test("leaves no candidate that could be elected in place of one that runs", async () => {
    const { election, elector } = await started({ vacant: true });
    const [crashed, running] = [election.electorFor("test"), election.electorFor("test")];
    await crashed.start();
    await running.start();
    await election.crash(crashed);
    await elector.stop();
    await election.advance(0);
    expect(running.isLeader()).toBe(true);
  });

  test("leaves nothing to cut off by partition(), nor to heal", async () => {
    const { election } = await started({ vacant: true });
    const second = election.electorFor("test");
    await second.start();
    await election.crash();
    await election.partition("all");
    await election.advance(20_000);
    expect(second.isLeader()).toBe(false);
    await election.heal("all");
    await election.advance(20_000);
    expect(second.isLeader()).toBe(true);
  });

  test("lets close(), and a stop() by the code under test, end", async () => {
    const { election, elector } = await started({ vacant: true });
    await election.crash();
    expect(await elector.stop()).toBe("none");
    await election.close();
    expect(election.clock.armed).toBe(0);
  });

  test("is for ever: other verbs refuse the elector by name", async () => {
    const { election } = await started();
    await election.crash();
    await expect(election.grant()).rejects.toThrow(
      'grant() needs a process that runs; got "elector-1". Example: a new elector, by electorFor().',
    );
  });
});

test("partition() cuts off all electors, or the one that it has to be given", async () => {
  const { election, elector } = await started("a");
  const other = election.electorFor("b");
  await other.start();
  await election.grant();
  await election.grant(other);
  await election.partition("all");
  await election.advance(10_000);
  expect([elector.isLeader(), other.isLeader()]).toEqual([false, false]);
  // @ts-expect-error: what a caller without types may forget.
  await expect(election.partition()).rejects.toThrow(
    'partition() must be given an elector of this test, or "all"; got undefined.',
  );
});

test("two runs of the same test are identical", async () => {
  const run = async () => {
    const { election, elector } = await started();
    const log: unknown[] = [];
    elector.on("elected", ({ term }) => log.push(election.clock.now(), term.token, term.since));
    elector.on("renewed", ({ took }) => log.push(election.clock.now(), took));
    elector.on("storeError", ({ operation }) => log.push(election.clock.now(), operation));
    await election.grant();
    await election.advance(7000);
    await election.partition(election.elector);
    await election.advance(20_000);
    await election.heal(election.elector);
    await election.grant();
    return log;
  };
  expect(await run()).toEqual(await run());
});

test("the clock advances even if the test runner has replaced the timers", async () => {
  vi.useFakeTimers();
  try {
    const { election, changes } = await started();
    await election.grant();
    await election.steal();
    expect(changes).toEqual(["gain", "superseded"]);
  } finally {
    vi.useRealTimers();
  }
});
