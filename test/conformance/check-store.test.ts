import { describe, expect, test } from "vitest";
import { checkStore, rules, type StoreUnderTest } from "../../src/conformance.ts";
import type { LeaseStore } from "../../src/stores/lease-store.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { Place, PlainStore } from "./plain-store.ts";

const capabilities = { exclusion: "strict", tokens: "memory" } as const;

/** The tests that are registered for a store. */
function testsOf(store: StoreUnderTest): Map<string, () => Promise<void>> {
  const registered = new Map<string, () => Promise<void>>();
  checkStore((name, run) => registered.set(name, run), store);
  return registered;
}

/** Runs the test of one rule. */
async function run(id: string, store: StoreUnderTest): Promise<void> {
  for (const [name, body] of testsOf(store)) if (name.startsWith(`${id}: `)) return body();
  throw new Error(`no rule ${id}`);
}

/** A memory store whose methods can be replaced, and what becomes of it. */
function watched(replaced: Partial<LeaseStore> = {}) {
  const log: string[] = [];
  const store: StoreUnderTest = {
    setUp: () => {
      const memory = new MemoryStore();
      const open = (): LeaseStore => ({
        traits: memory.traits,
        acquire: (request) => memory.acquire(request),
        renew: (request) => memory.renew(request),
        release: (request) => memory.release(request),
        read: (request) => memory.read(request),
        close: async () => void log.push("closed"),
        ...replaced,
      });
      return { open, cleanUp: () => void log.push("cleaned up") };
    },
    capabilities,
    patience: 200,
  };
  return { store, log };
}

describe("the tests of a store", () => {
  const { store } = watched();

  test("are one for each rule, with its id and title as the name", () => {
    const names = [...testsOf(store).keys()].map((name) => name.split("; ")[0]);
    expect(names).toEqual(rules.map(({ id, title }) => `${id}: ${title}`));
  });

  test("say which rules do not apply, and why", () => {
    const names = [...testsOf(store).keys()].filter((name) => name.includes("; does not apply: "));
    expect(names).toHaveLength(
      rules.filter(({ needs }) => (needs ?? "strict") !== "strict").length,
    );
    expect(names).toContainEqual(
      expect.stringMatching(
        /^release-wakes-watchers: .*; does not apply: no push wake-up declared$/,
      ),
    );
  });

  test("check an advisory store only for what it promises", () => {
    const advisory = {
      ...store,
      capabilities: { ...capabilities, exclusion: "advisory" },
    } as const;
    const names = [...testsOf(advisory).keys()].filter((name) => name.includes("advisory"));
    expect(names.map((name) => name.split(":")[0])).toEqual([
      "one-winner-of-many",
      "handover-has-one-winner",
      "fuzz-loses-no-update",
    ]);
  });

  test("have unique ids that consist of words", () => {
    const ids = rules.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z]+(-[a-z]+)+$/.test(id))).toEqual([]);
  });
});

describe("a test", () => {
  test("closes every store and cleans up after it", async () => {
    const { store, log } = watched();
    await run("stores-share-leases", store);
    expect(log).toEqual(["closed", "closed", "cleaned up"]);
  });

  test("closes every store once, even across a restart", async () => {
    const { store, log } = watched();
    const lasting = { ...store, capabilities: { ...capabilities, survivesRestart: true } };
    await expect(run("lease-outlives-restart", lasting)).resolves.toBeUndefined();
    expect(log).toEqual(["closed", "closed", "cleaned up"]);
  });

  test("closes and cleans up even if the rule is broken", async () => {
    const { store, log } = watched({ read: async () => undefined });
    await expect(run("stores-share-leases", store)).rejects.toThrow(
      /^stores-share-leases: through another store, read must show the holder$/,
    );
    expect(log).toEqual(["closed", "closed", "cleaned up"]);
  });

  test("closes and cleans up even if closing a store fails", async () => {
    const { store, log } = watched({ close: () => new Promise(() => {}) });
    await expect(run("read-shows-no-leader", store)).rejects.toThrow(
      /close must finish within 200/,
    );
    expect(log).toEqual(["cleaned up"]);
  });

  test("cleans up after the last store is closed, even if closing the first fails", async () => {
    let closes = 0;
    const close = async () => {
      closes += 1;
      if (closes === 1) throw new Error("busy");
      await new Promise((resolve) => setImmediate(resolve));
      log.push("closed");
    };
    const { store, log } = watched({ close });
    await expect(run("stores-share-leases", store)).rejects.toThrow("busy");
    expect(log).toEqual(["closed", "cleaned up"]);
  });

  test("reports the broken rule even if closing a store fails afterwards", async () => {
    const close = () => Promise.reject(new Error("busy"));
    const { store, log } = watched({ read: async () => undefined, close });
    await expect(run("stores-share-leases", store)).rejects.toThrow(
      /^stores-share-leases: through/,
    );
    expect(log).toEqual(["cleaned up"]);
  });

  test("fails if the store does not answer, and names the request", async () => {
    const { store } = watched({ release: () => new Promise(() => {}) });
    await expect(run("release-frees-the-lease", store)).rejects.toThrow(
      /^release-frees-the-lease: release must be answered within 200 ms$/,
    );
  });

  test.each([
    [undefined, "undefined"],
    [null, "null"],
    ["granted", '"granted"'],
    [{ granted: 1 }, '{"granted":1}'],
    [{ granted: Number.NaN }, '{"granted":"NaN"}'],
  ])("names an answer that says neither yes nor no: %j", async (answer, got) => {
    // @ts-expect-error: what a store without types may answer.
    const { store } = watched({ acquire: async () => answer });
    await expect(run("identity-is-the-nonce", store)).rejects.toThrow(
      `identity-is-the-nonce: acquire must be answered with { granted: true or false, … }; got ${got}`,
    );
  });

  test("names the field of an answer that is wrong", async () => {
    const answer = { granted: true, token: "7", since: 0 };
    // @ts-expect-error: what a store without types may answer.
    const { store } = watched({ acquire: async () => answer });
    await expect(run("answers-have-their-shape", store)).rejects.toThrow(
      "answers-have-their-shape: token in the answer of acquire must be a whole number above 0; got {",
    );
  });

  test("fails with the error that the store throws", async () => {
    const error = new Error("no route to host");
    const { store } = watched({ acquire: () => Promise.reject(error) });
    await expect(run("acquire-grants-a-free-lease", store)).rejects.toBe(error);
  });

  test("of a declared capability fails if the setup lacks the method to test it", async () => {
    const { store } = watched();
    const guarded = { ...store, capabilities: { ...capabilities, guardsLostData: true } };
    await expect(run("lost-data-elects-no-leader", guarded)).rejects.toThrow(/needs loseData\(\)/);
  });

  test("uses keys that no other test uses", async () => {
    const place = new Place();
    const sharing = { setUp: () => ({ open: () => new PlainStore(place) }), capabilities };
    for (const id of [
      "acquire-refuses-while-held",
      "read-shows-the-holder",
      "nonce-stays-secret",
    ]) {
      await run(id, sharing);
    }
    expect(place.leases.size).toBe(3);
  });
});

describe("the fuzz rule", () => {
  /** Grants every fifth attempt on a live lease. */
  function careless(): StoreUnderTest {
    const setUp = () => {
      const place = new Place();
      let now = 0;
      let asked = 0;
      const open = () => {
        const store = new PlainStore(place);
        const { decideAcquire } = store;
        store.decideAcquire = (lease, request, moment) => {
          asked += 1;
          const seen = asked % 5 === 0 && lease ? { ...lease, nonce: "" } : lease;
          return decideAcquire.call(store, seen, request, moment);
        };
        return store;
      };
      const time = {
        now: () => now,
        pass: async (ms: number) => {
          now += ms;
        },
      };
      return { open, time };
    };
    return { setUp, capabilities };
  }

  test("reports its seed, which reproduces the failure", async () => {
    const failure = async (seed?: number) => {
      const store = seed === undefined ? careless() : { ...careless(), seed };
      return run("fuzz-loses-no-update", store).then(
        () => "",
        (error: Error) => error.message,
      );
    };
    const first = await failure();
    const [, seed] = /\(seed (\d+)\)$/.exec(first) ?? [];
    expect(seed, first).toBeDefined();
    expect(await failure(Number(seed))).toBe(first);
  });
});

describe("G7: precise validation errors", () => {
  const { setUp } = watched().store;

  test.each([
    [undefined, /^the store under test must be an object; got undefined/],
    [{ setup: setUp, capabilities }, /option "setup" is not known; did you mean "setUp"/],
    [{ capabilities }, /^setUp must be a function; got undefined/],
    [{ setUp }, /^capabilities must be an object; got undefined/],
    [{ setUp, capabilities: { ...capabilities, wakeup: true } }, /did you mean "wakeUp"/],
    [{ setUp, capabilities: { exclusion: "strict" } }, /^tokens must be "clock" or "memory"/],
    [{ setUp, capabilities: { tokens: "clock" } }, /^exclusion must be "strict" or "advisory"/],
    [
      { setUp, capabilities: { ...capabilities, splitVotes: "yes" } },
      /^splitVotes must be true or false; got "yes"/,
    ],
    [{ setUp, capabilities: { ...capabilities, keys: 1 } }, /^keys must be true or false; got 1/],
    [{ setUp, capabilities: { ...capabilities, granularity: -1 } }, /^granularity must be a whole/],
    [
      { setUp, capabilities: { ...capabilities, clock: "mine" } },
      /^clock must be "server" or "obs/,
    ],
    [{ setUp, capabilities, patience: 0 }, /^patience must be a whole number from 1/],
    [{ setUp, capabilities, seed: 0.5 }, /^seed must be a whole number from 0/],
  ])("%o", (given, message) => {
    // @ts-expect-error: what a caller without types may pass.
    expect(() => testsOf(given)).toThrow(message);
  });
});
