import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { Events } from "../../src/elector/events.ts";
import { logTo } from "../../src/elector/log.ts";
import type { LeaderInfo, Term } from "../../src/elector/terms/term.ts";
import { StoreError } from "../../src/errors.ts";
import { settle } from "../support/manual-clock.ts";
import { granted, last, stage } from "./stage.ts";

function logger() {
  const lines: string[] = [];
  const level =
    (name: string) =>
    (_fields: object, message: string): void =>
      void lines.push(`${name} ${message}`);
  const all = {
    debug: level("debug"),
    info: level("info"),
    warn: level("warn"),
    error: level("error"),
  };
  return { lines, loud: () => lines.filter((line) => !line.startsWith("debug")), all };
}

const held = (token: number) =>
  ({
    granted: false,
    reason: "held",
    retryIn: 900,
    leader: { nodeId: "two", token, since: 0, expiresIn: 900, metadata: undefined },
  }) as const;

describe("G8: the log", () => {
  test("says nothing more while following", async () => {
    const { loud, all } = logger();
    const { clock, store, elector } = stage({ logger: all });
    await elector.start();
    for (let round = 0; round < 20; round += 1) {
      last(store.acquires).answer(held(5));
      await clock.advance(1000);
    }
    expect(loud()).toEqual(["info leader changed"]);
  });

  test("reports the beginning and the end of an outage, each time", async () => {
    const { loud, all } = logger();
    const { clock, store, elector } = stage({ logger: all });
    await elector.start();
    const refusal = new StoreError("INCUMBENT_STORE_REFUSED", "LOADING", { applied: "no" });
    for (let outage = 0; outage < 2; outage += 1) {
      for (let failures = 0; failures < 10; failures += 1) {
        last(store.acquires).fail(refusal);
        await clock.advance(300);
      }
      last(store.acquires).answer(held(5));
      await clock.advance(1000);
    }
    expect(loud()).toEqual([
      ...["warn store request failed, retrying", "info store recovered"],
      "info leader changed",
      ...["warn store request failed, retrying", "info store recovered"],
    ]);
  });

  test("names the quarantine once, with the option", async () => {
    const { loud, all } = logger();
    const { clock, store, elector } = stage({ logger: all });
    await elector.start();
    for (let round = 0; round < 3; round += 1) {
      const retryIn = 300;
      last(store.acquires).answer({
        granted: false,
        reason: "quarantine",
        leader: undefined,
        retryIn,
      });
      await clock.advance(300);
    }
    expect(loud()).toHaveLength(1);
    expect(loud()[0]).toContain("restartGuard");
  });

  test("a loss is a warning, a resignation is not; renewals are for debugging", async () => {
    const { lines, loud, all } = logger();
    const { clock, store, elector, lead } = stage({ logger: all });
    await lead();
    await clock.advance(300);
    last(store.renews).answer({ renewed: true });
    await settle();
    void elector.resign();
    last(store.releases).answer({ released: true });
    await clock.advance(300);
    last(store.acquires).answer(granted(8));
    await clock.advance(1000);
    expect(lines).toContain("debug renewed");
    expect(loud()).toEqual([
      ...["info elected", "info deposed"],
      ...["info elected", "warn deposed", "warn store request failed, retrying"],
    ]);
  });

  test("has the key and the node in every line, and of each event what is known of it", async () => {
    const entries: (readonly [level: string, message: string, fields: object])[] = [];
    const note = (level: string) => (fields: object, message: string) =>
      void entries.push([level, message, fields]);
    const source = new Events();
    logTo(
      { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") },
      source,
      { key: "job", nodeId: "one" },
    );
    const about = { key: "job", nodeId: "one" };
    const term = { token: 7 } as Term; // All that a line has of it.
    const leader = { nodeId: "two", token: 8 } as LeaderInfo; // The same.
    const failure = new StoreError("INCUMBENT_STORE_REFUSED", "LOADING", { applied: "no" });
    const oops = new Error("oops");
    source.emit("elected", { term, vacancy: 5 });
    source.emit("renewed", { term, took: 3 });
    source.emit("deposed", { term, reason: "expired", lasted: 900 });
    source.emit("leaderChanged", { leader });
    source.emit("ttlMismatch", { leader, ttl: 30_000, ownTtl: 10_000 });
    source.emit("storeError", { operation: "acquire", error: failure, took: 4 });
    source.emit("storeRecovered", { operation: "acquire" });
    source.emit("quarantined", { retryIn: 0.4 });
    source.emit("drainTimeout", { term });
    source.emit("callbackError", { error: oops });
    expect(entries).toEqual([
      ["info", "elected", { ...about, token: 7 }],
      ["debug", "renewed", { ...about, token: 7, took: 3 }],
      ["warn", "deposed", { ...about, token: 7, reason: "expired" }],
      ["info", "leader changed", { ...about, leader: "two", token: 8 }],
      [
        "warn",
        "the leader has another ttl; all candidates of a key must have the same",
        { ...about, leader: "two", ttl: 30_000, ownTtl: 10_000 },
      ],
      [
        "warn",
        "store request failed, retrying",
        { ...about, operation: "acquire", code: "INCUMBENT_STORE_REFUSED", error: "LOADING" },
      ],
      ["info", "store recovered", { ...about, operation: "acquire" }],
      ["warn", expect.stringContaining("restartGuard"), { ...about, retryIn: 1 }],
      ["warn", "work or callbacks have not settled within drainTimeout", { ...about, token: 7 }],
      ["error", "callback failed", { ...about, error: "oops", err: oops }],
    ]);
  });

  test.each<[string, unknown, string]>([
    ["a text", "oops", "oops"],
    ["nothing", undefined, "undefined"],
    ["an object with a message", { message: "oops" }, "oops"],
    ["an object that cannot be a text", Object.create(null), "an object of no class"],
  ])("says what a callback threw when that is %s", (_, thrown, text) => {
    const fields: object[] = [];
    const note = (given: object) => void fields.push(given);
    const source = new Events();
    logTo({ debug: note, info: note, warn: note, error: note }, source, {});
    source.emit("callbackError", { error: thrown });
    expect(fields).toEqual([{ error: text }]);
  });

  test("goes through pino as it is, with the key and the node, and the message of an error", async () => {
    const written: object[] = [];
    const destination = { write: (line: string) => void written.push(JSON.parse(line)) };
    const { elector, lead } = stage({ logger: pino({}, destination) });
    elector.onLeadershipChange(() => {
      throw new Error("oops");
    });
    await lead();
    expect(written).toMatchObject([
      { key: "job", nodeId: "one", error: "oops", err: { type: "Error", message: "oops" } },
      { key: "job", nodeId: "one", token: 7, msg: "elected" },
    ]);
  });
});
