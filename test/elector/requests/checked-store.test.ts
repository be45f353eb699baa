import { describe, expect, test } from "vitest";
import type { ElectorEvents } from "../../../src/elector/events.ts";
import type { LeaseStore } from "../../../src/stores/lease-store.ts";
import { settle } from "../../support/manual-clock.ts";
import { ScriptedStore } from "../../support/scripted-store.ts";
import { granted, held, last, stage } from "../stage.ts";

/** A store whose methods can be replaced by wrong ones. */
function wrong(methods: Partial<Record<keyof LeaseStore, unknown>>) {
  const failures: ElectorEvents["storeError"][] = [];
  const staged = stage({}, Object.assign(new ScriptedStore(), methods));
  staged.elector.on("storeError", (failure) => failures.push(failure));
  return { ...staged, failures };
}

const leader = { nodeId: "two", token: 1, since: 0, expiresIn: 100, metadata: undefined };
const throwing = Object.defineProperty({}, "granted", {
  get() {
    throw new Error("from a getter");
  },
});

const badAcquires: [name: string, answer: unknown][] = [
  ["its answer", undefined],
  ["its answer", null],
  ["its answer", "granted"],
  ["its answer", throwing],
  ["granted", {}],
  ["token", { ...granted(1), token: Number.NaN }],
  ["token", { ...granted(1), token: -1 }],
  ["token", { ...granted(1), token: 2 ** 53 }],
  ["token", { ...granted(1), token: "7" }],
  ["since", { ...granted(1), since: Number.NaN }],
  ["reason", { ...held(1), reason: "busy" }],
  ["retryIn", held(Number.NaN)],
  ["retryIn", held(-1)],
  ["retryIn", held(Number.POSITIVE_INFINITY)],
  ["applied", { ...held(1), applied: "perhaps" }],
  ["token", { ...held(1), leader: { ...leader, token: 1.5 } }],
  ["nodeId", { ...held(1), leader: { ...leader, nodeId: undefined } }],
  ["expiresIn", { ...held(1), leader: { ...leader, expiresIn: "100" } }],
  ["metadata", { ...held(1), leader: { ...leader, metadata: 7 } }],
];

describe("G7: bad answers of a store are named", () => {
  test.each(badAcquires)("acquire: %s is wrong in answer %#", async (name, answer) => {
    const { clock, elector, failures } = wrong({ acquire: async () => answer });
    await elector.start();
    await settle();
    const { error } = failures[0] ?? {};
    expect(error?.code).toBe("INCUMBENT_STORE_MISCONFIGURED");
    expect(error?.message).toContain(`of acquire(), ${name} must`);
    // It may have been granted all the same, and an elector that cannot know goes on asking.
    await clock.advance(2000);
    const asked = failures.filter(({ operation }) => operation === "acquire").length;
    expect(asked).toBeGreaterThan(1);
    expect(asked).toBeLessThan(20);
    const stopped = elector.stop();
    await clock.advance(1000);
    expect(await stopped).toBe("unconfirmed");
    expect(clock.armed).toBe(0);
  });

  test.each([
    ["its answer", undefined],
    ["renewed", {}],
    ["reason", { renewed: false, reason: "lost" }],
  ])("renew: %s is wrong", async (name, answer) => {
    const { clock, elector, failures, lead, changes } = wrong({ renew: async () => answer });
    await lead();
    await clock.advance(899);
    expect(failures[0]?.error.message).toContain(`of renew(), ${name} must`);
    expect(elector.isLeader()).toBe(true);
    await clock.advance(1);
    expect(changes).toEqual(["gain 7", "loss 7"]);
    expect(failures.length).toBeLessThan(30);
  });

  test("release: a stop says that it was not confirmed", async () => {
    const { clock, elector, failures, lead } = wrong({ release: async () => ({}) });
    await lead();
    const stopped = elector.stop();
    await clock.advance(300);
    expect(await stopped).toBe("unconfirmed");
    expect(failures[0]?.error.message).toContain("of release(), released must be true or false");
  });

  test.each([null, {}, { ...leader, token: "1" }])("read: %o is no leader", async (answer) => {
    const { elector } = wrong({ read: async () => answer });
    await expect(elector.leader()).rejects.toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
    });
  });

  test("what is thrown at once is a failure like any other", async () => {
    const acquire = () => {
      throw new Error("not today");
    };
    const { clock, elector, failures } = wrong({ acquire });
    await elector.start();
    await clock.advance(500);
    expect(failures[0]?.error.message).toContain("not today");
    expect(failures.length).toBeGreaterThan(1);
  });

  test("a watch that cannot be ended refuses the start, and nothing has started", async () => {
    const { clock, store, elector } = wrong({ watch: () => undefined });
    await expect(elector.start()).rejects.toThrow(/of watch\(\), its answer must be a function/);
    expect(store.acquires).toHaveLength(0);
    expect(clock.armed).toBe(0);
  });

  test("a store that always says at once is not asked without a pause", async () => {
    let asked = 0;
    const acquire = async () => {
      asked += 1;
      return held(0);
    };
    const { clock, elector } = wrong({ acquire });
    await elector.start();
    await clock.advance(2000);
    expect(asked).toBeGreaterThan(5);
    expect(asked).toBeLessThan(30);
  });

  test("an outage before does not make a candidate late for the end of a lease", async () => {
    const { clock, store, elector } = wrong({});
    await elector.start();
    for (let round = 0; round < 8; round += 1) {
      last(store.acquires).fail(new Error("down"));
      await clock.advance(300);
    }
    last(store.acquires).answer(held(200));
    await settle();
    const asked = store.acquires.length;
    await clock.advance(200);
    expect(store.acquires).toHaveLength(asked + 1);
  });
});
