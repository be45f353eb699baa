import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { SqliteStore } from "../../../src/stores/sqlite/sqlite-store.ts";
import { acquireRequest, request } from "../../support/requests.ts";
import { startContender } from "./contenders.ts";
import { temporaryDirectory } from "./forged-machine.ts";

const PROCESSES = 4;
const TERMS = 50;

describe("several processes on one file", () => {
  test("have one leader at a time, and tokens that only grow", { timeout: 60_000 }, async () => {
    const directory = temporaryDirectory();
    const path = join(directory, "leader.db");
    const log = join(directory, "log");
    const starting = Array.from({ length: PROCESSES }, () => startContender(path, log));
    const contenders = await Promise.all(starting);
    await Promise.all(contenders.map((one) => one.ask({ call: "contend", terms: TERMS })));

    const lines = readFileSync(log, "utf8").trim().split("\n");
    expect(lines).toHaveLength(2 * PROCESSES * TERMS);
    let last = 0;
    for (let index = 0; index < lines.length; index += 2) {
      const token = Number(lines[index]?.split(" ")[1]);
      // Each term has ended before the next one begins.
      expect(lines.slice(index, index + 2)).toEqual([`begin ${token}`, `end ${token}`]);
      expect(token).toBeGreaterThan(last);
      last = token;
    }
  });

  test("are not kept out by one that was killed, beyond its lease", {
    timeout: 30_000,
  }, async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const contender = await startContender(path);
    await contender.ask({ call: "acquire", nonce: "theirs", fields: { ttl: 1000 } });
    contender.process.kill("SIGKILL");
    await once(contender.process, "exit");
    const store = new SqliteStore(path);
    onTestFinished(() => store.close());
    let reply = await store.acquire(acquireRequest("k"));
    const before = performance.now();
    while (!reply.granted) {
      const { retryIn } = reply;
      if (retryIn === undefined) throw new Error("no time to come back");
      expect(retryIn).toBeLessThanOrEqual(1000);
      await new Promise((resolve) => setTimeout(resolve, retryIn));
      reply = await store.acquire(acquireRequest("k"));
    }
    expect(performance.now() - before).toBeLessThan(5000);
  });

  test("see what the others wrote, and close without a trace", { timeout: 30_000 }, async () => {
    const path = join(temporaryDirectory(), "leader.db");
    const contender = await startContender(path);
    const store = new SqliteStore(path);
    await contender.ask({ call: "acquire", nonce: "theirs", fields: { metadata: "over there" } });
    expect(await store.read(request("k"))).toMatchObject({ metadata: "over there" });
    await contender.ask({ call: "release", nonce: "theirs" });
    expect(await store.read(request("k"))).toBeUndefined();
    await store.close();
    expect(readdirSync(dirname(path)), "one still has it open").toHaveLength(3);
    const ended = once(contender.process, "exit");
    await contender.ask({ call: "close" });
    // With nothing left open it ends by itself.
    expect(await ended).toEqual([0, null]);
    expect(readdirSync(dirname(path))).toEqual(["leader.db"]);
  });
});
