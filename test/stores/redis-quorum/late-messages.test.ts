import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { PollingStation } from "./polling-station.ts";

describe("a late answer", () => {
  test("is paid back: the server is waited for again if the votes are split", async () => {
    const station = new PollingStation();
    const store = station.open();
    const slow = station.server(2);
    await station.win(store, {}, "before");
    await expect.poll(() => station.holders("before")).not.toContain(null);
    slow.holding = "answers";
    await station.win(store, {}, "late");
    await expect.poll(() => slow.held).toEqual(["acquire"]);
    slow.deliver();
    await turn();
    await station.open([station.server(1)]).acquire(station.attempt({ nodeId: "rival" }));
    const reply = store.acquire(station.attempt());
    await expect.poll(() => slow.held).toEqual(["acquire"]);
    slow.holding = "nothing";
    slow.deliver();
    // Of a server that is behind, the split votes would not have been held.
    expect(await reply).toMatchObject({ granted: true });
  });

  test("with a vote joins those on which the term rests", async () => {
    const station = new PollingStation();
    const store = station.open();
    const slow = station.server(2);
    slow.holding = "answers";
    // The store knows two servers, so the third's answer to the attempt is the one that is late.
    const { asked, token } = await station.win(store);
    await expect.poll(() => slow.held).toContain("acquire");
    slow.holding = "nothing";
    slow.deliver();
    await expect.poll(() => station.holders()).toEqual(Array(3).fill(asked.nonce));
    station.server(0).isDown = true;
    for (const index of [1, 2]) station.server(index).forget();
    expect(await store.renew(station.renewal(asked, token))).toEqual({ renewed: true });
  });

  test("with a renewal joins them too", async () => {
    const station = new PollingStation();
    const store = station.open();
    const slow = station.server(2);
    const { asked, token } = await station.win(store);
    await expect.poll(() => station.holders()).toEqual(Array(3).fill(asked.nonce));
    slow.holding = "answers";
    expect(await store.renew(station.renewal(asked, token))).toEqual({ renewed: true });
    await expect.poll(() => slow.held).toEqual(["prolong"]);
    slow.holding = "nothing";
    slow.deliver();
    await expect.poll(() => slow.done.at(-1)).toBe("prolong");
    station.server(0).isDown = true;
    for (const index of [1, 2]) station.server(index).forget();
    expect(await store.renew(station.renewal(asked, token))).toEqual({ renewed: true });
  });
});

describe("a release", () => {
  test("is not confirmed while votes that would be a majority may be on their way", async () => {
    const station = new PollingStation();
    const store = station.open();
    await station.win(store, {}, "known");
    await expect.poll(() => station.holders("known")).not.toContain(null);
    const late = [station.server(1), station.server(2)];
    for (const server of late) server.holding = "requests";
    const asked = station.attempt();
    const attempt = store.acquire(asked).catch(String);
    await expect.poll(() => late.map(({ held }) => held)).toEqual([["acquire"], ["acquire"]]);
    for (const server of late) server.holding = "nothing";
    const release = store.release(station.release(asked));
    await expect(release).rejects.toThrow(/A vote may still be on its way/);
    for (const server of late) server.deliver();
    expect(await attempt).toMatch(/are needed/);
    // Once they have come, and not before, another release says so.
    expect(await store.release(station.release(asked))).toEqual({ released: true });
    expect(station.holders()).toEqual(["", "", ""]);
  });

  test("ends the trust in the votes that the term had", async () => {
    const station = new PollingStation();
    const store = station.open();
    const { asked, token } = await station.win(store);
    await expect.poll(() => station.holders()).toEqual(Array(3).fill(asked.nonce));
    await store.release(station.release(asked));
    for (const server of station.servers) server.forget();
    const renewal = store.renew(station.renewal(asked, token));
    await expect(renewal).rejects.toThrow(/quarantined/);
  });
});

describe("an attempt that failed", () => {
  test("frees its votes, also one that is given after it has failed", async () => {
    const station = new PollingStation();
    const store = station.open();
    await station.win(store, {}, "known");
    await expect.poll(() => station.holders("known")).not.toContain(null);
    station.server(1).isDown = true;
    const slow = station.server(2);
    slow.holding = "requests";
    const controller = new AbortController();
    const attempt = store.acquire(station.attempt({ signal: controller.signal }));
    await expect.poll(() => slow.held).toEqual(["acquire"]);
    controller.abort();
    await expect(attempt).rejects.toThrow(/are needed/);
    await expect.poll(() => slow.held).toEqual(["acquire", "release"]);
    slow.deliver();
    await expect.poll(() => [station.holders()[0], station.holders()[2]]).toEqual(["", ""]);
  });

  test("is not asked for again by a server that has another identity", async () => {
    const station = new PollingStation();
    const store = station.open();
    await station.win(store, {}, "known");
    await expect.poll(() => station.holders("known")).not.toContain(null);
    for (const index of [0, 1]) {
      await station.open([station.server(index)]).acquire(station.attempt({ nodeId: "rival" }));
    }
    const other = station.server(2);
    other.forget();
    other.holding = "answers";
    const reply = await store.acquire(station.attempt());
    expect(reply).toMatchObject({ granted: false });
    await expect.poll(() => other.held).toContain("release");
    const asked = other.done.filter((name) => name === "acquire").length;
    other.holding = "nothing";
    other.deliver();
    await station.open().read(station.release(station.attempt()));
    await expect.poll(() => other.done.at(-1)).toBe("read");
    expect(other.done.filter((name) => name === "acquire")).toHaveLength(asked);
  });

  test("to renew frees what a minority has renewed", async () => {
    const station = new PollingStation();
    const store = station.open();
    const { asked, token } = await station.win(store);
    await expect.poll(() => station.holders()).toEqual(Array(3).fill(asked.nonce));
    for (const index of [0, 1]) {
      const server = station.server(index);
      server.execute("DEL", "job");
      await station.open([server]).acquire(station.attempt({ nodeId: "rival", above: token }));
    }
    const reply = await store.renew(station.renewal(asked, token));
    expect(reply).toEqual({ renewed: false, reason: "superseded" });
    await expect.poll(() => station.holders()[2]).toBe("");
  });
});

describe("a renewal", () => {
  test("does not count on a server that may have forgotten its vote for another candidate", async () => {
    const station = new PollingStation();
    const store = station.open();
    const third = station.server(2);
    third.isDown = true;
    const { asked, token } = await station.win(store);
    third.isDown = false;
    const rival = await station.open([third]).acquire(station.attempt({ nodeId: "rival" }));
    expect(rival).toMatchObject({ granted: true });
    third.forget();
    station.server(1).isDown = true;
    const renewal = store.renew(station.renewal(asked, token));
    await expect(renewal).rejects.toThrow(/renewed;.*refused;.*quarantined/);
  });
});
