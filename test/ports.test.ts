import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { Elector } from "../src/elector/elector.ts";
import { NotElectedError } from "../src/elector/not-elected.ts";
import type { ElectorOptions } from "../src/elector/options.ts";
import { MemoryStore } from "../src/stores/memory/memory-store.ts";

// What the tests of programs claim that had an election of their own.

const electors: Elector[] = [];

function candidate(store: MemoryStore, options: ElectorOptions = {}): Elector {
  const elector = new Elector(store, "job", options);
  electors.push(elector);
  return elector;
}

afterEach(async () => {
  await Promise.all(electors.splice(0).map((elector) => elector.stop()));
});

describe("an instance manager", () => {
  /** Ends with a role, so that the rest of the program can be started by it. */
  async function init(elector: Elector): Promise<"leader" | "follower"> {
    await elector.start();
    const { role } = await elector.settled();
    return role === "leader" ? "leader" : "follower";
  }

  test("knows its role when init() has ended, also the second time", async () => {
    const store = new MemoryStore();
    const [main, other] = [candidate(store), candidate(store)];
    expect(await init(main)).toBe("leader");
    expect(await init(other)).toBe("follower");
    await other.stop();
    expect(await init(other)).toBe("follower");
    await main.stop();
    await other.waitForLeadership();
    expect(await init(main)).toBe("follower");
    expect([main.isLeader(), other.isLeader()]).toEqual([false, true]);
  });
});

describe("a hundred instances", () => {
  test("have one leader, and after it has stopped another one", async () => {
    const store = new MemoryStore();
    const all = Array.from({ length: 100 }, () => candidate(store));
    await Promise.all(all.map((elector) => elector.start()));
    await Promise.all(all.map((elector) => elector.settled()));
    const leading = () => all.filter((elector) => elector.isLeader());
    const [first, ...more] = leading();
    expect([first !== undefined, more.length]).toEqual([true, 0]);
    const known = new Set(all.map((elector) => elector.status.leader?.nodeId));
    expect([...known]).toEqual([first?.nodeId]);
    const next = Promise.race(
      all.filter((elector) => elector !== first).map((elector) => elector.waitForLeadership()),
    );
    await first?.stop();
    const term = await next;
    expect(leading().map(({ nodeId }) => nodeId)).toEqual([term.nodeId]);
  });
});

describe("a lock that is tried for so long", () => {
  test("runs the work if it comes free in time, and names the holder if not", async () => {
    const store = new MemoryStore();
    const holder = candidate(store, { nodeId: "holder" });
    await holder.start();
    await holder.waitForLeadership();
    const late = candidate(store).lead(() => "never", { wait: 50 });
    const error = await late.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(NotElectedError);
    expect(error).toMatchObject({ status: { leader: { nodeId: "holder" } } });
    const inTime = candidate(store).lead(({ token }) => token, { wait: 20_000 });
    await holder.stop();
    expect(await inTime).toBeGreaterThan(0);
  });

  test("is not taken later by a process that has given up", async () => {
    const store = new MemoryStore();
    const holder = candidate(store);
    await holder.start();
    await holder.waitForLeadership();
    const tried = candidate(store);
    await expect(tried.lead(() => "never", { wait: 0 })).rejects.toThrow(NotElectedError);
    await holder.stop();
    expect(await store.read(readOf("job"))).toBe(undefined);
    expect(tried.status.role).toBe("stopped");
  });

  const readOf = (key: string) => ({
    key,
    clock: { now: () => performance.now() },
    notAfter: performance.now() + 10_000,
    signal: new AbortController().signal,
  });
});

describe("a scheduler", () => {
  test("has torn down before its successor begins", async () => {
    const store = new MemoryStore();
    const events: string[] = [];
    const scheduler = (name: string) => {
      const elector = candidate(store, { nodeId: name });
      elector.onLeadershipChange(async (isLeader) => {
        if (isLeader) events.push(`${name} begins`);
        else {
          await sleep(50);
          events.push(`${name} has ended`);
        }
      });
      return elector;
    };
    const [first, second] = [scheduler("first"), scheduler("second")];
    await first.start();
    await first.waitForLeadership();
    await second.start();
    await second.settled();
    const elected = second.waitForLeadership();
    await first.stop();
    await elected;
    expect(events).toEqual(["first begins", "first has ended", "second begins"]);
    await second.resign();
    expect(events.at(-1)).toBe("second has ended");
  });
});
