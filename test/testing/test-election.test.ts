import { afterEach, describe, expect, test, vi } from "vitest";
import type { Elector } from "../../src/index.ts";
import { createTestElection, type TestElection } from "../../src/testing.ts";

const offices: TestElection[] = [];

function open(...args: Parameters<typeof createTestElection>): TestElection {
  const office = createTestElection(...args);
  offices.push(office);
  return office;
}

afterEach(async () => {
  await Promise.all(offices.splice(0).map((office) => office.close()));
});

/** An office whose elector has started, and what it has reported: `gain` and the reasons of losses. */
async function started(...args: Parameters<typeof createTestElection>) {
  const office = open(...args);
  const changes: string[] = [];
  listen(office.elector, changes);
  await office.elector.start();
  await office.advance(0);
  return { office, elector: office.elector, changes };
}

function listen(elector: Elector, changes: string[]): void {
  elector.on("elected", () => changes.push("gain"));
  elector.on("deposed", ({ reason }) => changes.push(reason));
}

describe("no elector is elected", () => {
  test("until the test calls grant(), however much time passes", async () => {
    const { office, elector, changes } = await started();
    await office.advance(3_600_000);
    expect(changes).toEqual([]);
    expect(await elector.leader()).toMatchObject({ nodeId: "somebody-else", token: 1 });
  });

  test("again by itself after a loss", async () => {
    const { office, elector, changes } = await started();
    await office.grant();
    await office.steal();
    await office.advance(3_600_000);
    expect(changes).toEqual(["gain", "superseded"]);
    expect(await elector.leader()).toMatchObject({ nodeId: "somebody-else", token: 3 });
  });

  test("when the leader resigns or stops", async () => {
    const { office, changes } = await started();
    const second = office.electorFor("test");
    listen(second, changes);
    await second.start();
    await office.grant();
    expect(await office.elector.resign()).toBe("confirmed");
    await office.advance(60_000);
    await office.grant();
    expect(await office.elector.stop()).toBe("confirmed");
    await office.advance(60_000);
    expect(changes).toEqual(["gain", "resigned", "gain", "stopped"]);
  });
});

describe("grant()", () => {
  test("elects at once, with the next token, and emits the term before it resolves", async () => {
    const { office, elector, changes } = await started();
    const before = office.clock.now();
    await office.grant();
    expect(office.clock.now()).toBe(before);
    expect(changes).toEqual(["gain"]);
    expect(elector.term).toMatchObject({ key: "test", nodeId: "elector-1", token: 2 });
    expect(elector.term?.since).toEqual(new Date("2026-01-01T00:00:00Z"));
  });

  test("lasts for ever, as long as the store is reachable", async () => {
    const { office, elector, changes } = await started();
    await office.grant();
    await office.advance(86_400_000);
    expect(elector.isLeader()).toBe(true);
    expect(changes).toEqual(["gain"]);
  });

  test("elects the given candidate, and another one after a loss", async () => {
    const { office, elector } = await started("job");
    const second = office.electorFor("job", { nodeId: "second" });
    await second.start();
    await office.grant(second);
    expect([elector.isLeader(), second.isLeader()]).toEqual([false, true]);
    await office.steal(second);
    await office.grant(elector);
    expect([elector.isLeader(), second.isLeader()]).toEqual([true, false]);
  });

  test("waits for a candidate that has just resigned", async () => {
    const { office, elector, changes } = await started();
    await office.grant();
    await elector.resign();
    await office.grant();
    expect(changes).toEqual(["gain", "resigned", "gain"]);
    expect(office.clock.now()).toBe(3000);
  });

  test("takes no lease from a draining term: the next term begins after the release", async () => {
    const { office, changes } = await started("job", { drainTimeout: 4000 });
    const second = office.electorFor("job");
    second.on("elected", () => changes.push(`gain at ${office.clock.now()}`));
    await second.start();
    void office.elector.lead(() => new Promise(() => {})).catch(() => {});
    await office.grant();
    void office.elector.resign();
    await office.grant(second);
    expect(changes).toEqual(["gain", "resigned", "gain at 4000"]);
  });

  test("lets `lead` work begin before it resolves, and a loss aborts it", async () => {
    const office = open();
    const did: string[] = [];
    const led = office.elector.lead(async ({ signal, token }) => {
      did.push(`began with ${token}`);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      did.push("aborted");
    });
    await office.advance(0);
    await office.grant();
    expect(did).toEqual(["began with 2"]);
    await office.steal();
    expect(did).toEqual(["began with 2", "aborted"]);
    await office.grant();
    expect(did.at(-1)).toBe("began with 4");
    const stopped = expect(led).rejects.toMatchObject({ code: "INCUMBENT_STOPPED" });
    await office.close();
    await stopped;
  });
});

describe("a loss", () => {
  test("by steal() is reported as superseded, within one renewal interval", async () => {
    const { office, elector, changes } = await started();
    await office.grant();
    await office.advance(1000);
    const { signal } = elector.term ?? {};
    await office.steal();
    expect(changes).toEqual(["gain", "superseded"]);
    expect(signal?.reason).toMatchObject({ code: "INCUMBENT_LEADERSHIP_LOST" });
    expect(office.clock.now()).toBe(3000);
  });

  test("by expire() is reported as expired, and isLeader() is false at once", async () => {
    const { office, elector, changes } = await started();
    await office.grant();
    await office.advance(5000);
    const expiring = office.expire();
    expect(elector.isLeader()).toBe(false);
    await expiring;
    expect(changes).toEqual(["gain", "expired"]);
  });

  test("by a partition comes at the deadline and not before", async () => {
    const { office, elector, changes } = await started();
    await office.grant();
    await office.partition(office.elector);
    await office.advance(8999);
    expect(elector.isLeader()).toBe(true);
    await office.advance(1);
    expect(changes).toEqual(["gain", "store-lost"]);
  });

  test("does not come if a partition heals in time", async () => {
    const { office, elector, changes } = await started();
    await office.grant();
    await office.partition(office.elector);
    await office.advance(5000);
    await office.heal(office.elector);
    await office.advance(60_000);
    expect(elector.isLeader()).toBe(true);
    expect(changes).toEqual(["gain"]);
  });

  test("by a partition may be followed by another term when it has healed", async () => {
    const { office, changes } = await started();
    await office.grant();
    await office.partition(office.elector);
    await office.advance(20_000);
    await office.heal(office.elector);
    await office.grant();
    expect(changes).toEqual(["gain", "store-lost", "gain"]);
  });
});

describe("several electors", () => {
  test("of several keys do not disturb each other", async () => {
    const { office, elector } = await started("a");
    const other = office.electorFor("b");
    await other.start();
    await office.grant();
    await office.grant(other);
    await office.steal(other);
    expect([elector.isLeader(), other.isLeader()]).toEqual([true, false]);
  });

  test("can be cut off one by one", async () => {
    const { office, elector } = await started("a");
    const other = office.electorFor("b");
    await other.start();
    await office.grant();
    await office.grant(other);
    await office.partition(other);
    await office.advance(10_000);
    expect([elector.isLeader(), other.isLeader()]).toEqual([true, false]);
  });

  test("see the leader and every change", async () => {
    const { office } = await started();
    const watching = office.electorFor("test");
    const seen: (string | undefined)[] = [];
    const done = (async () => {
      for await (const leader of watching.observe()) seen.push(leader?.nodeId);
    })();
    await office.advance(0);
    await office.grant();
    await office.steal();
    expect(seen).toEqual(["somebody-else", "elector-1", "somebody-else"]);
    await office.close();
    await done;
  });
});

describe("the end", () => {
  test.each([5000, 60_000])(
    "close() stops everything, also what is cut off and work that does not settle for %i ms",
    async (drainTimeout) => {
      const office = open("test", { drainTimeout });
      void office.elector.lead(() => new Promise(() => {})).catch(() => {});
      await office.advance(0);
      await office.grant();
      const cut = office.electorFor("other");
      await cut.start();
      await office.partition(cut);
      await office.advance(100);
      await office.close();
      expect(office.clock.armed).toBe(0);
    },
  );

  test("stop() during a partition is unconfirmed after one renewal interval", async () => {
    const { office, elector } = await started();
    await office.grant();
    await office.partition(office.elector);
    const stopped = elector.stop();
    expect(elector.isLeader()).toBe(false);
    await office.advance(3000);
    expect(await stopped).toBe("unconfirmed");
  });

  test("`await using` closes", async () => {
    let elector: Elector;
    {
      await using office = createTestElection();
      elector = office.elector;
      await elector.start();
      await office.grant();
    }
    expect(elector.isLeader()).toBe(false);
  });
});

describe("a vacant office", () => {
  test("goes to the first elector that starts, and no grant() is needed", async () => {
    const { office, elector, changes } = await started({ vacant: true });
    expect([changes, elector.term?.token]).toEqual([["gain"], 1]);
    const second = office.electorFor("test");
    await second.start();
    await office.advance(60_000);
    expect(second.status).toMatchObject({ role: "follower", leader: { nodeId: "elector-1" } });
  });

  test("goes to a follower in the middle of a test, when the leader stops", async () => {
    const { office, elector } = await started({ vacant: true });
    const second = office.electorFor("test");
    await second.start();
    await elector.stop();
    await office.advance(0);
    expect(second.term?.token).toBe(2);
  });

  test("is taken by steal(), and free again after vacate()", async () => {
    const { office, elector, changes } = await started({ vacant: true });
    await office.steal();
    await office.advance(60_000);
    expect([changes, elector.status.leader?.nodeId]).toEqual([
      ["gain", "superseded"],
      "somebody-else",
    ]);
    await office.vacate();
    expect(changes).toEqual(["gain", "superseded", "gain"]);
  });

  test("can be made of one that is not, and lets grant() choose as before", async () => {
    const { office, changes } = await started();
    await office.grant();
    await office.steal();
    await office.grant();
    await office.steal();
    await office.vacate();
    expect(changes).toEqual(["gain", "superseded", "gain", "superseded", "gain"]);
  });
});

describe("crash()", () => {
  test("is not reported to callbacks, and another is elected when the lease has expired", async () => {
    const { office, elector, changes } = await started({ vacant: true });
    const second = office.electorFor("test");
    await second.start();
    await office.advance(0);
    await office.crash();
    expect([changes, elector.isLeader()]).toEqual([["gain"], false]);
    await office.advance(9_999);
    expect([second.isLeader(), second.status.leader?.nodeId]).toEqual([false, "elector-1"]);
    await office.advance(1);
    expect([second.isLeader(), changes]).toEqual([true, ["gain"]]);
  });

  test("lets close(), and a stop() by the code under test, end", async () => {
    const { office, elector } = await started({ vacant: true });
    await office.crash();
    expect(await elector.stop()).toBe("none");
    await office.close();
    expect(office.clock.armed).toBe(0);
  });

  test("is for ever: other verbs refuse the elector by name", async () => {
    const { office } = await started();
    await office.crash();
    await expect(office.grant()).rejects.toThrow(
      'grant() needs a process that runs; got "elector-1". Example: a new elector, by electorFor().',
    );
  });
});

test("partition() cuts off all electors, or the one that it has to be given", async () => {
  const { office, elector } = await started("a");
  const other = office.electorFor("b");
  await other.start();
  await office.grant();
  await office.grant(other);
  await office.partition("all");
  await office.advance(10_000);
  expect([elector.isLeader(), other.isLeader()]).toEqual([false, false]);
  // @ts-expect-error: what a caller without types may forget.
  await expect(office.partition()).rejects.toThrow(
    'partition() must be given an elector of this test, or "all"; got undefined.',
  );
});

test("two runs of the same test are identical", async () => {
  const run = async () => {
    const { office, elector } = await started();
    const log: unknown[] = [];
    elector.on("elected", ({ term }) => log.push(office.clock.now(), term.token, term.since));
    elector.on("renewed", ({ took }) => log.push(office.clock.now(), took));
    elector.on("storeError", ({ operation }) => log.push(office.clock.now(), operation));
    await office.grant();
    await office.advance(7000);
    await office.partition(office.elector);
    await office.advance(20_000);
    await office.heal(office.elector);
    await office.grant();
    return log;
  };
  expect(await run()).toEqual(await run());
});

test("the clock advances even if the test runner has replaced the timers", async () => {
  vi.useFakeTimers();
  try {
    const { office, changes } = await started();
    await office.grant();
    await office.steal();
    expect(changes).toEqual(["gain", "superseded"]);
  } finally {
    vi.useRealTimers();
  }
});

describe("G7: misuse throws an error that names the rule:", () => {
  test("of an elector that has not started", async () => {
    await expect(open().grant()).rejects.toMatchObject({
      code: "INCUMBENT_INVALID_OPTION",
      message:
        'grant() needs an elector that has been started; got "elector-1". Example: elector.start().',
    });
  });

  test.each(["steal", "expire"] as const)("%s() without a leader", async (verb) => {
    const { office } = await started();
    await expect(office[verb]()).rejects.toThrow(/needs an elector that leads; got "elector-1"/);
  });

  test("grant() while this or another elector leads", async () => {
    const { office } = await started();
    const second = office.electorFor("test");
    await second.start();
    await office.grant();
    await expect(office.grant()).rejects.toThrow(/no elector of this test leads/);
    await expect(office.grant(second)).rejects.toThrow(/leads; got "elector-1"/);
  });

  test.each(["grant", "steal"] as const)("%s() while the store is unreachable", async (verb) => {
    const { office } = await started();
    if (verb === "steal") await office.grant();
    await office.partition(office.elector);
    await expect(office[verb]()).rejects.toThrow(/needs a reachable store.*heal\(elector\)/);
  });

  test("grant() while the work of the last term is still running", async () => {
    const office = open("test", { drainTimeout: 100 });
    void office.elector.lead(() => new Promise(() => {})).catch(() => {});
    await office.advance(0);
    await office.grant();
    await office.steal();
    await expect(office.grant()).rejects.toThrow(/the work of its last term has not settled/);
  });

  test("a failed grant() elects no elector later", async () => {
    const office = open();
    let settle = () => {};
    const led = office.elector.lead(() => new Promise<void>((resolve) => (settle = resolve)));
    const stopped = expect(led).rejects.toMatchObject({ code: "INCUMBENT_STOPPED" });
    await office.advance(0);
    await office.grant();
    await office.steal();
    await expect(office.grant()).rejects.toThrow(/has not settled/);
    settle();
    await office.advance(60_000);
    expect(office.elector.isLeader()).toBe(false);
    await office.close();
    await stopped;
  });

  test("an elector of another test, an invalid time, an unknown option", async () => {
    const office = open();
    const { elector } = open();
    await expect(office.grant(elector)).rejects.toThrow(/must be given an elector of this test/);
    await expect(office.advance(-1)).rejects.toThrow(/advance\(\) must be given a number of ms/);
    // @ts-expect-error: what a caller without types may pass.
    expect(() => createTestElection("test", { ttI: 5 })).toThrow(/did you mean "ttl"/);
    // @ts-expect-error: the same.
    expect(() => createTestElection({ vacant: 1 })).toThrow("vacant must be true or false; got 1.");
  });
});
