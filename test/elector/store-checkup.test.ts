import { afterAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import type { ElectorOptions } from "../../src/elector/options.ts";
import { RedisElector } from "../../src/redis.ts";
import type { Examination, Finding } from "../../src/stores/lease-store.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { startRedis } from "../support/redis-server.ts";

const risk: Finding = {
  check: "eviction",
  level: "warning",
  says: "It may drop.",
  remedy: "Stop it.",
};
const harmless: Finding[] = [
  { check: "version", level: "ok", says: "7." },
  { check: "persistence", level: "note", says: "None." },
];

/** A store that says this of itself. */
class ExaminedStore extends MemoryStore {
  readonly examinations: Examination[] = [];
  findings: () => AsyncIterable<Finding>;

  constructor(findings: () => AsyncIterable<Finding> = () => these(...harmless, risk)) {
    super();
    this.findings = findings;
  }

  diagnose(examination: Examination): AsyncIterable<Finding> {
    this.examinations.push(examination);
    return this.findings();
  }
}

async function* these(...findings: readonly Finding[]): AsyncGenerator<Finding> {
  yield* findings;
}

async function* broken(): AsyncGenerator<Finding> {
  yield await Promise.reject(new Error("broken"));
}

/** All lines of a logger above `info`. */
function logTo(lines: object[]): ElectorOptions {
  const silent = () => {};
  const warn = (fields: object, message: string) => void lines.push({ ...fields, message });
  return { nodeId: "a", logger: { debug: silent, info: silent, warn, error: warn } };
}

async function lead(elector: Elector): Promise<void> {
  onTestFinished(async () => void (await elector.stop()));
  await elector.start();
  await elector.waitForLeadership();
}

const emitWarning = vi.spyOn(process, "emitWarning");
beforeEach(() => void emitWarning.mockReset().mockReturnValue(undefined));
afterAll(() => emitWarning.mockRestore());

describe("at start()", () => {
  test("a warning of the store is logged once for all electors of it, and nothing else", async () => {
    const [store, lines] = [new ExaminedStore(), [] as object[]];
    for (const key of ["one", "two"]) await lead(new Elector(store, key, logTo(lines)));
    await expect
      .poll(() => lines)
      .toEqual([{ key: "one", nodeId: "a", check: "eviction", message: "It may drop. Stop it." }]);
    expect(store.examinations.map(({ isBrief }) => isBrief)).toEqual([true]);
    expect(emitWarning).not.toHaveBeenCalled();
  });

  test("without a logger it is a warning of the process", async () => {
    await lead(new Elector(new ExaminedStore(() => these({ ...risk, server: "b:1" })), "job"));
    await expect
      .poll(() => emitWarning.mock.calls)
      .toEqual([["b:1: It may drop. Stop it.", { code: "INCUMBENT_STORE" }]]);
  });

  test("an elector that only reads asks for nothing", async () => {
    const store = new ExaminedStore();
    await new Elector(store, "job").leader();
    expect(store.examinations).toEqual([]);
  });

  test.each([
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
    ["rejects", () => broken()],
  ] as [string, () => AsyncIterable<Finding>][])(
    "a store that %s leads all the same, and nothing is unhandled",
    async (_, findings) => {
      const lines: object[] = [];
      await lead(new Elector(new ExaminedStore(findings), "job", logTo(lines)));
      await new Promise(setImmediate);
      expect(lines).toEqual([]);
    },
  );

  test("a store that never answers holds up neither leadership nor stop, which aborts it", async () => {
    const store = new ExaminedStore(async function* () {
      yield await new Promise<Finding>(() => {});
    });
    const elector = new Elector(store, "job");
    await lead(elector);
    expect(store.examinations[0]?.signal.aborted).toBe(false);
    await elector.stop();
    expect(store.examinations[0]?.signal.aborted).toBe(true);
  });

  test("what a store finds after stop is not reported", async () => {
    let find = (_: Finding) => {};
    const found = new Promise<Finding>((resolve) => {
      find = resolve;
    });
    const lines: object[] = [];
    const store = new ExaminedStore(async function* () {
      yield await found;
    });
    const elector = new Elector(store, "job", logTo(lines));
    await lead(elector);
    await elector.stop();
    find(risk);
    await new Promise(setImmediate);
    expect(lines).toEqual([]);
  });
});

describe("on a Redis server", () => {
  test("eviction that may drop leases is one warning of all electors, and stop leaves no connection", async () => {
    const redis = await startRedis(["--maxmemory-policy", "allkeys-lru"]);
    onTestFinished(() => redis.stop());
    const lines: object[] = [];
    const options = { ...logTo(lines), restartGuard: false };
    const electors = ["one", "two"].map((key) => new RedisElector(redis.url, key, options));
    await Promise.all(electors.map(lead));
    await expect.poll(() => lines).toHaveLength(1);
    expect(lines).toMatchObject([{ check: "eviction", nodeId: "a" }]);
    await Promise.all(electors.map((elector) => elector.stop()));
    // The one that asks.
    await expect.poll(() => redis.command("CLIENT", "LIST")).toMatch(/^id=.*$/);
    expect(lines).toHaveLength(1);
  });

  test("an elector that is stopped in its first moments asks for nothing afterwards", async () => {
    const redis = await startRedis(["--maxmemory-policy", "allkeys-lru"]);
    onTestFinished(() => redis.stop());
    const elector = new RedisElector(redis.url, "job", { restartGuard: false });
    let stopped: Promise<unknown> | undefined;
    elector.onLeadershipChange(() => {
      stopped ??= elector.stop();
    });
    await elector.start();
    await expect.poll(() => stopped).toBeDefined();
    await stopped;
    await expect.poll(() => redis.command("CLIENT", "LIST")).toMatch(/^id=.*$/);
    expect(emitWarning).not.toHaveBeenCalled();
  });
});
