import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { findingsOf } from "../../support/findings.ts";
import { PollingStation } from "./polling-station.ts";

/** Three servers, and a store that leads on all of them. */
async function led() {
  const station = new PollingStation();
  const store = station.open();
  const { asked, token } = await station.win(store);
  await expect.poll(() => station.holders()).toEqual(Array(3).fill(asked.nonce));
  return { station, store, asked, token };
}

test("a store on several servers has tokens of their clocks, and excludes strictly", () => {
  expect(new PollingStation().open().traits).toEqual({
    ...{ name: "redis-quorum", exclusion: "strict", tokens: "clock", clock: "server" },
  });
});

test("every server's options are checked against the key and the ttl", () => {
  const station = new PollingStation();
  const shared = station.open(station.servers, { alsoLock: "locks:one" });
  expect(() => shared.checkKey("locks:one")).toThrow("alsoLock");
  const short = station.open(station.servers, { quarantine: 500 });
  expect(() => short.checkTtl(1000)).toThrow("quarantine");
});

test("a diagnosis ends with what is found of all servers", async () => {
  const findings = await findingsOf(new PollingStation().open());
  expect(findings.at(-1)).toMatchObject({ check: "majority" });
});

describe("a token", () => {
  test("is the time of the servers that are known, also if one between them is not", async () => {
    const station = new PollingStation();
    station.server(1).isDown = true;
    expect((await station.win(station.open())).token).toBe(station.server(0).micros);
  });

  test("is above what the elector asks for, and above what the servers have seen", async () => {
    const station = new PollingStation();
    const store = station.open();
    const above = station.server(0).micros + 1_000_000;
    const { asked, token } = await station.win(store, { above });
    expect(token).toBe(above + 1);
    await expect.poll(() => station.holders()).toEqual(Array(3).fill(asked.nonce));
    await store.release(station.release(asked));
    await expect.poll(() => station.holders()).toEqual(["", "", ""]);
    const other = station.open();
    const first = await other.acquire(station.attempt());
    const granted = first.granted ? first : await other.acquire(station.attempt());
    expect(granted).toMatchObject({ granted: true, token: above + 2 });
  });
});

describe("an attempt", () => {
  test("that is refused by a majority comes again when that lease ends, and not before", async () => {
    const { station } = await led();
    const refused = await station.open().acquire(station.attempt());
    expect(refused).toMatchObject({ granted: false, reason: "held" });
    if (!refused.granted) expect(refused.retryIn).toBeGreaterThan(900);
  });

  test("frees no vote where it was refused", async () => {
    const { station } = await led();
    await station.open().acquire(station.attempt());
    await expect.poll(() => station.server(2).done.at(-1)).toBe("release");
    for (const index of [0, 1]) expect(station.server(index).done).not.toContain("release");
  });

  test("that has won and is asked for again keeps its votes", async () => {
    const { station, store, asked } = await led();
    const slow = station.server(2);
    slow.holding = "answers";
    expect(await store.acquire(asked)).toMatchObject({ granted: false, applied: "maybe" });
    await turn();
    expect(slow.held).toEqual(["acquire"]);
  });

  test("does not wait for a server that is not known if a majority is", async () => {
    const station = new PollingStation();
    const store = station.open();
    const third = station.server(2);
    third.isDown = true;
    await station.win(store, {}, "before");
    third.isDown = false;
    third.holding = "requests";
    expect(await store.acquire(station.attempt())).toMatchObject({ granted: true });
  });

  test("says of each server by name whether it was reached, also if it knew one before", async () => {
    const station = new PollingStation();
    const store = station.open();
    for (const index of [1, 2]) station.server(index).isDown = true;
    for (let count = 0; count < 2; count += 1) {
      await expect(store.acquire(station.attempt())).rejects.toThrow(
        /^2 of 3 Redis servers are needed: server 1: reached; server 2: .+; server 3: .+\.$/,
      );
    }
  });

  test("ends when its store is closed", async () => {
    const { station, store } = await led();
    for (const server of station.servers) server.holding = "requests";
    const attempt = store.acquire(station.attempt({}, "another"));
    const ended = expect(attempt).rejects.toMatchObject({ name: "StoreError" });
    await turn();
    await store.close();
    await ended;
  });
});

describe("a renewal", () => {
  test("is joined by a server that was away, and has the record of an earlier term", async () => {
    const { station, store, asked: before } = await led();
    await store.release(station.release(before));
    await expect.poll(() => station.holders()).toEqual(["", "", ""]);
    station.now += 1;
    station.server(2).isDown = true;
    const { asked, token } = await station.win(store);
    station.server(2).isDown = false;
    expect(await store.renew(station.renewal(asked, token))).toEqual({ renewed: true });
    await expect.poll(() => station.holders()[2]).toBe(asked.nonce);
  });

  test.each([0, 1])(
    "does not count on a server in quarantine that has refused the lease, and %i renewals of it",
    async (renewals) => {
      const station = new PollingStation();
      const third = station.server(2);
      await station.win(station.open([third]), { nodeId: "rival", ttl: 60_000 });
      const store = station.open();
      const { asked, token } = await station.win(store);
      await expect.poll(() => third.done.filter((name) => name === "acquire").length).toBe(2);
      await turn();
      for (let count = 0; count < renewals; count += 1) {
        const before = third.done.length;
        await store.renew(station.renewal(asked, token));
        await expect.poll(() => third.done.length).toBeGreaterThan(before);
        await turn();
      }
      third.forget();
      station.server(1).isDown = true;
      const renewal = store.renew(station.renewal(asked, token));
      await expect(renewal).rejects.toThrow(/renewed;.*refused;.*quarantined/);
    },
  );
});

describe("a release", () => {
  test("of what was never asked for finds nothing", async () => {
    const station = new PollingStation();
    const release = station.open().release(station.release(station.attempt()));
    expect(await release).toEqual({ released: false });
  });

  test("was one also if only a server of the majority had the lease", async () => {
    const station = new PollingStation();
    const store = station.open();
    station.server(2).isDown = true;
    const { asked } = await station.win(store);
    station.server(2).isDown = false;
    station.server(1).isDown = true;
    expect(await store.release(station.release(asked))).toEqual({ released: true });
  });

  test("is confirmed by a majority, without the last server", async () => {
    const { station, store, asked } = await led();
    station.server(2).holding = "requests";
    expect(await store.release(station.release(asked))).toEqual({ released: true });
  });

  test("waits for a server that is slow if without it there is no majority", async () => {
    const { station, store, asked } = await led();
    station.server(2).isDown = true;
    const slow = station.server(1);
    slow.holding = "requests";
    const release = store.release(station.release(asked));
    await expect.poll(() => slow.held).toEqual(["release"]);
    await expect.poll(() => station.holders()[0]).toBe("");
    await turn();
    slow.holding = "nothing";
    slow.deliver();
    expect(await release).toEqual({ released: true });
  });
});

describe("without a majority", () => {
  /** The error of what is asked of the first server alone, since the others are cut off before they hear of it. */
  async function errorOf(station: PollingStation, ask: () => Promise<unknown>): Promise<string> {
    const others = [station.server(1), station.server(2)];
    for (const server of others) server.holding = "requests";
    const fate = ask().then(String, String);
    for (const server of others) await expect.poll(() => server.held).toHaveLength(1);
    await turn();
    for (const server of others) server.cut();
    return fate;
  }

  test("an error says where the lease was released, and where there was none", async () => {
    const { station, store, asked } = await led();
    const release = () => store.release(station.release(asked));
    expect(await errorOf(station, release)).toMatch(/server 1: released; server 2: /);
    const other = new PollingStation();
    const free = () => other.open().release(other.release(other.attempt()));
    expect(await errorOf(other, free)).toMatch(/server 1: free; server 2: /);
  });

  test("it is not known who leads, and the error says what is known", async () => {
    const { station, store, asked } = await led();
    const read = () => store.read(station.release(asked));
    expect(await errorOf(station, read)).toMatch(/server 1: held by node for 1\.0 s; server 2: /);
  });

  test("not all elections are known, and the error says of how many each server knows", async () => {
    const { station, store, asked } = await led();
    const keys = () => store.keys(station.release(asked));
    expect(await errorOf(station, keys)).toMatch(/server 1: 1 elections; server 2: /);
  });
});

test("the elections of a majority are listed once each", async () => {
  const { station, store, asked } = await led();
  await station.win(store, {}, "mail");
  await expect.poll(() => station.holders("mail")).not.toContain(null);
  const keys = await store.keys(station.release(asked));
  expect(keys.sort()).toEqual(["job", "mail"]);
});

test("one that watches no more hears nothing", async () => {
  const { station, store, asked } = await led();
  const heard: string[] = [];
  const unwatch = station.open().watch("job", (hint) => heard.push(hint));
  await expect.poll(() => heard).toEqual(["released"]);
  unwatch();
  await turn();
  await store.release(station.release(asked));
  await expect.poll(() => station.holders()).toEqual(["", "", ""]);
  await turn();
  expect(heard).toEqual(["released"]);
});
