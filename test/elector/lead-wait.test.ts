import { describe, expect, test } from "vitest";
import { type LeadOptions, NotElectedError, StoreError } from "../../src/index.ts";
import { settle } from "../support/manual-clock.ts";
import { granted, held, last, stage } from "./stage.ts";

const heldByTwo = {
  granted: false,
  reason: "held",
  leader: { nodeId: "two", token: 5, since: 500, expiresIn: 800, metadata: undefined },
  retryIn: 800,
} as const;

/** An elector that is to lead for `wait`, and what became of that. */
function tried(wait: number, options = {}) {
  const around = stage(options);
  const did: string[] = [];
  const work = async () => {
    did.push("work");
    return "done";
  };
  const led = around.elector.lead(work, { wait }).then(
    (value) => did.push(value),
    (error) => {
      did.push(error.code);
      return error;
    },
  );
  return { ...around, led, did };
}

describe("lead() with wait: 0", () => {
  test("runs the work if the first answer is a grant, and stops", async () => {
    const { clock, elector, store, led, did } = tried(0);
    await clock.advance(10);
    last(store.acquires).answer(granted(7));
    await settle();
    last(store.releases).answer({ released: true });
    await led;
    expect(did).toEqual(["work", "done"]);
    expect([elector.status.role, clock.armed]).toEqual(["stopped", 0]);
  });

  test("rejects with the leader's name at the first refusal, and campaigns no further", async () => {
    const { clock, elector, store, led, did } = tried(0);
    await clock.advance(10);
    expect(did).toEqual([]);
    last(store.acquires).answer(heldByTwo);
    const error = await led;
    expect(error).toBeInstanceOf(NotElectedError);
    expect(error).toMatchObject({
      code: "INCUMBENT_NOT_ELECTED",
      message: 'Not elected leader of "job" at once: "two" leads.',
      status: { role: "follower", leader: { nodeId: "two", token: 5 } },
    });
    await clock.advance(10_000);
    expect([did, elector.status.role, clock.armed]).toEqual([
      ["INCUMBENT_NOT_ELECTED"],
      "stopped",
      0,
    ]);
    expect(store.acquires).toHaveLength(1);
  });

  test("rejects with the store's error as the cause if the store is out of reach", async () => {
    const { clock, store, led } = tried(0);
    await clock.advance(10);
    const message = "The store failed: connection refused.";
    last(store.acquires).fail(
      new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "no" }),
    );
    const error = await led;
    expect(error.message).toMatch(/^Not elected leader of "job" at once: .*connection refused\.$/);
    expect(error.cause.code).toBe("INCUMBENT_STORE_UNAVAILABLE");
  });

  test("rejects in a quarantine, and says for how long that lasts", async () => {
    const { clock, store, led } = tried(0);
    await clock.advance(10);
    const quarantined = { leader: undefined, retryIn: 700 };
    last(store.acquires).answer({ granted: false, reason: "quarantine", ...quarantined });
    expect((await led).message).toBe(
      'Not elected leader of "job" at once: the store is new or lost its data, and elects no leader for up to 700 ms.',
    );
  });

  test("rejects in an elector that was started before, which goes on", async () => {
    const { clock, elector, store } = stage();
    await elector.start();
    last(store.acquires).answer(held(500));
    await settle();
    const led = expect(elector.lead(() => {}, { wait: 0 })).rejects.toMatchObject({
      code: "INCUMBENT_NOT_ELECTED",
      message:
        'Not elected leader of "job" at once: another process holds the lease for up to 500 ms.',
    });
    await clock.advance(1);
    await led;
    await clock.advance(500);
    last(store.acquires).answer(granted(7));
    await settle();
    expect(elector.isLeader()).toBe(true);
  });

  test("runs the work at once in an elector that leads", async () => {
    const { elector, store, lead } = stage();
    await lead();
    const led = elector.lead(({ token }) => token, { wait: 0 });
    await settle();
    last(store.releases).answer({ released: true });
    expect(await led).toBe(7);
  });

  test("after a loss, runs the work again only if the next answer is a grant", async () => {
    const { clock, elector, store } = stage();
    let runs = 0;
    const led = elector.lead(
      ({ signal }) => {
        runs += 1;
        return new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
      { wait: 0 },
    );
    const rejects = expect(led).rejects.toMatchObject({ code: "INCUMBENT_NOT_ELECTED" });
    await clock.advance(10);
    last(store.acquires).answer(granted(7));
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await clock.advance(1);
    last(store.acquires).answer(heldByTwo);
    await clock.advance(1);
    last(store.releases).answer({ released: true });
    await rejects;
    expect(runs).toBe(1);
  });
});

describe("lead() with a time to wait", () => {
  test("runs the work if it is elected in that time", async () => {
    const { clock, store, led, did } = tried(1000);
    await settle();
    last(store.acquires).answer(held(900));
    await clock.advance(900);
    last(store.acquires).answer(granted(7));
    await settle();
    last(store.releases).answer({ released: true });
    await led;
    expect(did).toEqual(["work", "done"]);
  });

  test("rejects when it is over, and not before", async () => {
    const { clock, store, led, did } = tried(500);
    await settle();
    last(store.acquires).answer(heldByTwo);
    await clock.advance(499);
    expect(did).toEqual([]);
    await clock.advance(1);
    expect((await led).message).toBe('Not elected leader of "job" within 500 ms: "two" leads.');
  });

  test("gives back what is granted when it is over already, and does not run the work", async () => {
    const { clock, store, elector, led, did, changes } = tried(850);
    await settle();
    last(store.acquires).answer(heldByTwo);
    await clock.advance(850); // The next attempt has been under way since 800.
    expect(elector.status.role).toBe("stopped");
    last(store.acquires).answer(granted(7));
    await settle();
    last(store.releases).answer({ released: true });
    await led;
    expect([did, changes]).toEqual([["INCUMBENT_NOT_ELECTED"], []]);
  });

  test("leaves nothing behind in an elector that goes on", async () => {
    const { clock, elector, store, lead } = stage();
    await lead();
    const before = clock.armed;
    const led = elector.lead(() => "done", { wait: 60_000 });
    await settle();
    last(store.releases).answer({ released: true });
    expect(await led).toBe("done");
    expect(clock.armed).toBe(before);
  });
});

test.each([
  [{ wait: -1 }, /^wait must be a whole number from 0 to 2147483647; got -1\. Example: 5000/],
  [{ wait: Number.NaN }, /^wait must be a whole number .*; got NaN/],
  [{ wiat: 5 }, /^option "wiat" is not known; did you mean "wait"\?/],
])("G7: an option of lead() that makes no sense is refused: %o", async (options, message) => {
  const { elector, store } = stage();
  const led = elector.lead(() => {}, options as LeadOptions); // As from JavaScript.
  await expect(led).rejects.toMatchObject({ code: "INCUMBENT_INVALID_OPTION" });
  await expect(led).rejects.toThrow(message);
  expect(store.acquires).toHaveLength(0);
});
