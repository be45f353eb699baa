import { describe, expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { settle } from "../support/manual-clock.ts";
import { granted, held, last, stage } from "./stage.ts";

const other = { nodeId: "two", token: 5, since: 500, expiresIn: 800, metadata: "http://two" };

const heldBy = (leader: typeof other) =>
  ({ granted: false, reason: "held", leader, retryIn: leader.expiresIn }) as const;

const quarantined = {
  granted: false,
  reason: "quarantine",
  ...{ leader: undefined, retryIn: 700 },
} as const;

const refusal = new StoreError("INCUMBENT_STORE_UNAVAILABLE", "Cannot reach the store.", {
  applied: "no",
});

describe("status", () => {
  test("is stopped before start() and after stop()", async () => {
    const { elector, store, lead } = stage();
    const stopped = { role: "stopped", leader: undefined, age: undefined, waitingFor: undefined };
    expect(elector.status).toEqual(stopped);
    await lead();
    const stopping = elector.stop();
    expect(elector.status).toEqual(stopped);
    last(store.releases).answer({ released: true });
    await stopping;
    expect(elector.status).toEqual(stopped);
  });

  test("is undecided until the first answer", async () => {
    const { elector } = stage();
    await elector.start();
    expect(elector.status).toMatchObject({ role: "undecided", waitingFor: { reason: "answer" } });
  });

  test("names the leader that the store named, with the age of that knowledge", async () => {
    const { clock, elector, store } = stage();
    await elector.start();
    last(store.acquires).answer(heldBy(other));
    await clock.advance(200);
    expect(elector.status).toEqual({
      role: "follower",
      leader: { ...other, key: "job", since: new Date(500), expiresIn: 600 },
      age: 200,
      waitingFor: { reason: "lease", remaining: 600, error: undefined },
    });
  });

  test("names this process while it leads, and the end of its lease", async () => {
    const { clock, elector, lead } = stage({ metadata: "http://one" });
    await lead();
    await clock.advance(100);
    expect(elector.status).toEqual({
      role: "leader",
      ...{ age: 0, waitingFor: undefined },
      leader: {
        ...{ key: "job", nodeId: "one", token: 7, metadata: "http://one" },
        ...{ since: new Date(1000), expiresIn: 900 },
      },
    });
  });

  test("is never leader after the deadline, although no callback has run yet", async () => {
    const { clock, elector, lead } = stage();
    await lead();
    clock.block(900);
    expect([elector.isLeader(), elector.status.role]).toEqual([false, "undecided"]);
  });

  test("agrees with isLeader() in each callback and listener", async () => {
    const { clock, elector, store, lead } = stage();
    const roles: string[] = [];
    const note = () => roles.push(`${elector.isLeader()} ${elector.status.role}`);
    elector.onLeadershipChange(note);
    elector.on("elected", note);
    elector.on("deposed", note);
    await lead();
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await settle();
    const gain = "true leader";
    const loss = "false undecided";
    expect(roles).toEqual([gain, gain, loss, loss]);
  });

  test("keeps the leader while the store is out of reach, until its lease has ended", async () => {
    const { clock, elector, store } = stage();
    await elector.start();
    last(store.acquires).answer(heldBy(other));
    await settle();
    store.hint("released");
    last(store.acquires).fail(refusal);
    await settle();
    expect(elector.status).toMatchObject({
      role: "follower",
      leader: { nodeId: "two" },
      waitingFor: { reason: "store", error: refusal },
    });
    await clock.advance(1300);
    expect(elector.status).toMatchObject({
      role: "undecided",
      leader: undefined,
      waitingFor: { reason: "store" },
    });
  });

  test("keeps the leader while the store is asked whether its lease has ended", async () => {
    const { clock, elector, store } = stage();
    await elector.start();
    last(store.acquires).answer(heldBy(other));
    await clock.advance(810);
    expect(store.acquires).toHaveLength(2);
    expect(elector.status).toMatchObject({ role: "follower", leader: { expiresIn: 0 }, age: 810 });
  });

  test("names no leader from before a long pause", async () => {
    const { clock, elector, store } = stage();
    await elector.start();
    last(store.acquires).answer(heldBy(other));
    await settle();
    clock.block(60_000);
    expect(elector.status).toMatchObject({ role: "undecided", leader: undefined });
  });

  test("takes the lease of its own last term for no other leader", async () => {
    const { clock, elector, store, lead } = stage();
    await lead();
    clock.block(900);
    await clock.advance(0);
    last(store.acquires).answer(heldBy({ ...other, nodeId: "one", token: 7 }));
    await settle();
    expect(elector.status).toMatchObject({
      role: "undecided",
      leader: undefined,
      waitingFor: { reason: "lease" },
    });
  });

  test("says that the store is in quarantine, and for how long", async () => {
    const { clock, elector, store } = stage();
    await elector.start();
    last(store.acquires).answer(quarantined);
    await clock.advance(100);
    expect(elector.status).toMatchObject({
      role: "undecided",
      waitingFor: { reason: "quarantine", remaining: 600 },
    });
  });

  test("says that work drains, that the lease is being released, and that the others go first", async () => {
    const { clock, elector, store, lead } = stage();
    let done = () => {};
    const work = new Promise<void>((resolve) => {
      done = resolve;
    });
    await lead();
    void elector.lead(() => work).catch(() => {});
    await settle();
    void elector.resign();
    const reasons = [elector.status.waitingFor?.reason];
    done();
    await settle();
    reasons.push(elector.status.waitingFor?.reason);
    last(store.releases).answer({ released: true });
    await settle();
    reasons.push(elector.status.waitingFor?.reason);
    expect(reasons).toEqual(["work", "release", "others"]);
    expect(elector.status.waitingFor?.remaining).toBe(300);
    await clock.advance(300);
    expect(elector.status.waitingFor?.reason).toBe("answer");
  });

  test("learns from leader() also if the elector takes no part", async () => {
    const { elector, store } = stage();
    const asked = elector.leader();
    last(store.reads).answer(other);
    await asked;
    expect(elector.status).toMatchObject({ role: "stopped", leader: { nodeId: "two" }, age: 0 });
    const again = elector.leader();
    last(store.reads).answer(undefined);
    await again;
    expect(elector.status.leader).toBeUndefined();
  });
});

describe("settled()", () => {
  const answers = [
    ["leader", granted(7)],
    ["follower", heldBy(other)],
    ["undecided", held(300)],
    ["undecided", quarantined],
  ] as const;

  test.each(answers)("resolves with the first answer: %s", async (role, answer) => {
    const { elector, store } = stage();
    await elector.start();
    const settled = elector.settled();
    last(store.acquires).answer(answer);
    expect((await settled).role).toBe(role);
  });

  test("resolves when the store is out of reach, with the error", async () => {
    const { elector, store } = stage();
    await elector.start();
    const settled = elector.settled();
    last(store.acquires).fail(refusal);
    expect((await settled).waitingFor).toMatchObject({ reason: "store", error: refusal });
  });

  test("resolves within a renewal interval if the store does not answer at all", async () => {
    const { clock, elector } = stage();
    await elector.start();
    const settled = elector.settled();
    await clock.advance(300);
    expect((await settled).waitingFor?.error?.code).toBe("INCUMBENT_STORE_TIMEOUT");
  });

  test("resolves at once if the answer is known, and after callbacks have run", async () => {
    const { elector, store } = stage();
    const order: string[] = [];
    elector.onLeadershipChange(() => order.push("callback"));
    await elector.start();
    const first = elector.settled().then(() => order.push("settled"));
    last(store.acquires).answer(granted(7));
    await first;
    expect(order).toEqual(["callback", "settled"]);
    expect((await elector.settled()).role).toBe("leader");
  });

  test("waits for a new answer after a second start, although the leader is the same", async () => {
    const { elector, store } = stage();
    await elector.start();
    last(store.acquires).answer(heldBy(other));
    await elector.settled();
    await elector.stop();
    await elector.start();
    let isSettled = false;
    const settled = elector.settled().then((status) => {
      isSettled = true;
      return status;
    });
    await settle();
    expect(isSettled).toBe(false);
    last(store.acquires).answer(heldBy(other));
    expect(await settled).toMatchObject({ role: "follower", leader: { token: 5 } });
  });

  test("waits for a new answer after a loss", async () => {
    const { clock, elector, store, lead } = stage();
    await lead();
    await clock.advance(300);
    last(store.renews).answer({ renewed: false, reason: "superseded" });
    await clock.advance(1);
    const settled = elector.settled();
    last(store.acquires).answer(heldBy(other));
    expect((await settled).role).toBe("follower");
  });

  test("waits for start(), and rejects when the elector is stopped", async () => {
    const { elector, store } = stage();
    const settled = expect(elector.settled()).rejects.toMatchObject({ code: "INCUMBENT_STOPPED" });
    await elector.start();
    const stopped = elector.stop();
    last(store.acquires).answer(granted(7));
    await settle();
    last(store.releases).answer({ released: true });
    await Promise.all([settled, stopped]);
  });

  test("rejects with the reason of an aborted signal", async () => {
    const { elector } = stage();
    await elector.start();
    const controller = new AbortController();
    const settled = expect(elector.settled({ signal: controller.signal })).rejects.toBe("enough");
    controller.abort("enough");
    await settled;
    await expect(elector.settled({ signal: controller.signal })).rejects.toBe("enough");
  });
});
