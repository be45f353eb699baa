import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { StoreError } from "../../src/errors.ts";
import { granted, last, stage } from "../elector/stage.ts";
import { settle } from "../support/manual-clock.ts";

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
    expect(loud()).toEqual(["info the leader is another"]);
  });

  test("tells of an outage its beginning and its end, each time", async () => {
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
      ...["warn the store failed; trying again", "info the store answers again"],
      "info the leader is another",
      ...["warn the store failed; trying again", "info the store answers again"],
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
      ...["info elected", "warn deposed", "warn the store failed; trying again"],
    ]);
  });

  test("goes through pino as it is, with the key and the node in every line", async () => {
    const written: { key: string; nodeId: string; token?: number; msg: string }[] = [];
    const destination = { write: (line: string) => void written.push(JSON.parse(line)) };
    const { lead } = stage({ logger: pino({}, destination) });
    await lead();
    expect(written).toMatchObject([{ key: "job", nodeId: "one", token: 7, msg: "elected" }]);
  });
});
