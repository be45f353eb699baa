import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../../../src/index.ts";
import type { Examination, Finding } from "../../../../src/stores/lease-store.ts";
import type { RedisStoreOptions } from "../../../../src/stores/redis/redis-options.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { examinationOf, findingsOf, troubles } from "../../../support/findings.ts";
import { freePort } from "../../../support/free-port.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis(["--appendonly", "yes", "--repl-diskless-sync-delay", "0"]);
});
afterAll(() => redis.stop());

/** All that a store of this URL finds. */
async function diagnose(
  url: string,
  options: RedisStoreOptions = {},
  examination: Partial<Examination> = {},
) {
  const store = new RedisStore(url, options);
  try {
    return await findingsOf(store, examination);
  } finally {
    await store.close();
  }
}

/** Changes a setting until the end of the test. */
async function configure(name: string, value: string, usual: string): Promise<void> {
  await redis.command("CONFIG", "SET", name, value);
  onTestFinished(async () => void (await redis.command("CONFIG", "SET", name, usual)));
}

/** A user with the rights of the documentation, but these. */
async function userWith(changes = "", number = 0): Promise<string> {
  const rights =
    "+evalsha +eval +time +info +hmget +hset +exists +type +pttl +publish +subscribe +unsubscribe +ping";
  const places = ["~billing:*", "~incumbent:server", "&incumbent:*"];
  const changed = changes.split(" ").filter((change) => change !== "");
  const rules = ["reset", "on", ">hush", ...places, ...rights.split(" "), ...changed];
  await redis.command("ACL", "SETUSER", `doctored${number}`, ...rules);
  return `redis://doctored${number}:hush@127.0.0.1:${redis.port}`;
}

function find(findings: readonly Finding[], check: string): Finding | undefined {
  return findings.find((finding) => finding.check === check && finding.level !== "ok");
}

describe("a sound server", () => {
  test("has nothing but ok in every check, and keeps nothing of it", async () => {
    const findings = await diagnose(redis.url);
    expect(troubles(findings)).toEqual([]);
    expect(findings.map(({ check }) => check)).toEqual([
      ...["reachable", "version", "rights", "guard", "replication", "eviction"],
      ...["persistence", "clock", "messages"],
    ]);
    expect(await redis.command("DBSIZE")).toBe("0");
  });

  test("lets the user of the documentation do all that is needed", async () => {
    expect(troubles(await diagnose(await userWith()))).toEqual([]);
  });

  test("is asked for little in a brief examination", async () => {
    const findings = await diagnose(redis.url, {}, { isBrief: true });
    expect(findings.map(({ check }) => check)).toEqual(["rights", "eviction"]);
  });
});

describe("rights", () => {
  test("says what is missing, and to grant it", async () => {
    const rights: readonly [level: string, right: string][] = [
      ...["hset", "hmget", "time", "info"].map((right): [string, string] => ["error", right]),
      ...["exists", "pttl", "type", "publish"].map((right): [string, string] => ["warning", right]),
    ];
    const found = rights.map(async ([, right], index) => {
      const finding = find(await diagnose(await userWith(`-${right}`, index)), "rights");
      return [finding?.level, finding?.remedy?.includes(`+${right}`) === true ? right : finding];
    });
    expect(await Promise.all(found)).toEqual(rights);
  });

  test.each(["-eval", "-evalsha"])("an error without %s", async (change) => {
    expect(find(await diagnose(await userWith(change)), "rights")?.level).toBe("error");
  });

  test("without the right to subscribe, messages cannot be received", async () => {
    expect(troubles(await diagnose(await userWith("-subscribe")))).toEqual(["warning messages"]);
  });

  test("without the right to PING, nothing is wrong", async () => {
    expect(troubles(await diagnose(await userWith("-ping")))).toEqual([]);
  });

  test.each(["hmget", "hset"])("%s is needed without the guard, too", async (right) => {
    const url = await userWith(`-info -${right} resetkeys ~billing:*`);
    const finding = find(await diagnose(url, { restartGuard: false }), "rights");
    expect(finding).toMatchObject({ level: "error", remedy: `Grant +${right}.` });
  });

  test("the rights to the lock of alsoLock are looked at without the key of an election", async () => {
    const lacking = await diagnose(await userWith("+get"), { alsoLock: "lock:*" });
    expect(lacking.filter(({ level }) => level !== "ok").map(({ remedy }) => remedy)).toEqual([
      ...["Grant +set.", "Grant +del."],
    ]);
    const url = await userWith("+get +set +del ~lock:billing:*");
    const each = await diagnose(url, { alsoLock: "lock:*" });
    expect(troubles(each)).toEqual([]);
    expect(each.find(({ check }) => check === "rights")?.says).toContain("incumbent doctor KEY");
    expect(troubles(await diagnose(url, { alsoLock: "lock:billing:x" }))).toEqual([]);
    const denied = find(await diagnose(url, { alsoLock: "lock:other" }), "rights");
    expect(denied).toMatchObject({ level: "error", remedy: "Grant ~lock:other." });
    expect(await redis.command("DBSIZE")).toBe("0");
  });

  test("a stamp that is denied is named in the remedy", async () => {
    const findings = await diagnose(await userWith("resetkeys ~billing:*"));
    const [finding, ...others] = findings.filter(({ level }) => level !== "ok");
    expect(others).toEqual([]);
    expect(finding?.remedy).toBe("Grant ~incumbent:server, or pass restartGuard=false.");
  });

  test("without the guard, a user without the right to the stamp can elect", async () => {
    const url = await userWith("-info resetkeys ~billing:*");
    const store = new RedisStore(url, { restartGuard: false });
    const elector = new Elector(store, "billing:x", { ttl: 3000 });
    onTestFinished(async () => {
      await elector.stop();
      await store.close();
      await redis.command("DEL", "billing:x");
    });
    const renewed = new Promise((resolve) => elector.on("renewed", resolve));
    await elector.start();
    await elector.waitForLeadership();
    await renewed;
  });

  test("INFO and the stamp are not needed without the guard, which is noted", async () => {
    const url = await userWith("-info resetkeys ~billing:*");
    expect(troubles(await diagnose(url, { restartGuard: false }))).toEqual(["note guard"]);
  });
});

describe("what may lose leases", () => {
  test.each(["allkeys-lru", "allkeys-random"])(
    "the policy %s, also in a brief one",
    async (policy) => {
      await configure("maxmemory-policy", policy, "noeviction");
      for (const isBrief of [false, true]) {
        const findings = await diagnose(redis.url, {}, { isBrief });
        expect(troubles(findings)).toEqual(["warning eviction"]);
        expect(find(findings, "eviction")?.says).toContain(policy);
      }
    },
  );

  test("but not volatile-lru", async () => {
    await configure("maxmemory-policy", "volatile-lru", "noeviction");
    expect(troubles(await diagnose(redis.url))).toEqual([]);
  });

  test("full memory, in which no process can be elected", async () => {
    await configure("maxmemory", "1kb", "0");
    expect(troubles(await diagnose(redis.url))).toEqual(["error rights", "warning eviction"]);
  });

  test("no persistence is a note", async () => {
    await configure("appendonly", "no", "yes");
    expect(troubles(await diagnose(redis.url))).toEqual(["note persistence"]);
    await configure("save", "3600 1", "");
    expect(troubles(await diagnose(redis.url))).toEqual([]);
  });

  test("a stamp of another type", async () => {
    await redis.command("SET", "incumbent:server", "x");
    onTestFinished(async () => void (await redis.command("DEL", "incumbent:server")));
    expect(troubles(await diagnose(redis.url))).toEqual(["error stamp"]);
    expect(troubles(await diagnose(redis.url, { stampKey: "other" }))).toEqual([]);
    expect(await redis.command("GET", "incumbent:server")).toBe("x");
  });

  test("a clock of another time is a note", async () => {
    const findings = await diagnose(redis.url, {}, { wallClock: () => Date.now() - 60_000 });
    expect(troubles(findings)).toEqual(["note clock"]);
    expect(find(findings, "clock")?.says).toContain("60 s ahead of");
  });

  test("a clock that jumps is a warning", async () => {
    // To a clock of half the speed, the server's goes too fast.
    const clock = { now: () => performance.now() / 2 };
    const findings = await diagnose(redis.url, {}, { clock });
    expect(troubles(findings)).toEqual(["warning clock"]);
  });
});

describe("replicas", () => {
  test("are refused, and a primary is advised to require one", async () => {
    const replica = await startRedis(["--replicaof", `127.0.0.1 ${redis.port}`]);
    onTestFinished(() => replica.stop());
    await expect.poll(() => redis.command("INFO", "replication")).toContain("connected_slaves:1");
    expect(troubles(await diagnose(redis.url))).toEqual(["note replication"]);

    await configure("min-replicas-to-write", "1", "0");
    await expect
      .poll(() => redis.command("INFO", "replication"))
      .toContain("min_slaves_good_slaves:1");
    expect(troubles(await diagnose(redis.url))).toEqual([]);

    expect(troubles(await diagnose(redis.url, { minReplicas: 1 }))).toEqual([]);
    expect(troubles(await diagnose(redis.url, { minReplicas: 2 }))).toEqual(["error replication"]);
    const denied = await diagnose(await userWith(), { minReplicas: 1 });
    expect(find(denied, "rights")?.remedy).toContain("+wait");
    expect(troubles(await diagnose(await userWith("+wait"), { minReplicas: 1 }))).toEqual([]);

    expect(troubles(await diagnose(replica.url))).toContain("error replication");
    expect(troubles(await diagnose(replica.url))).toContain("error rights");

    await replica.kill();
    await expect
      .poll(() => redis.command("INFO", "replication"))
      .toContain("min_slaves_good_slaves:0");
    expect(troubles(await diagnose(redis.url))).toEqual(["error rights", "error replication"]);
  });
});

describe("a server that cannot be asked", () => {
  test("a wrong password is one finding, which does not show it", async () => {
    const findings = await diagnose((await userWith()).replace("hush", "guessed"));
    expect(troubles(findings)).toEqual(["error reachable"]);
    expect(JSON.stringify(findings)).toContain("WRONGPASS");
    expect(findings[0]?.remedy).toBe("Check user and password.");
    expect(JSON.stringify(findings)).not.toContain("guessed");
  });

  test("a port without a server is one finding", async () => {
    const findings = await diagnose(`redis://:hush@127.0.0.1:${await freePort()}`);
    expect(troubles(findings)).toEqual(["error reachable"]);
    expect(JSON.stringify(findings)).toContain("ECONNREFUSED");
  });

  test("a port that answers nothing is one finding, in a bounded time", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    onTestFinished(() => void silent.close());
    const address = silent.address();
    const url = `redis://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    // Ten times as fast: it never answers.
    const { timer } = examinationOf();
    const fast: Partial<Examination> = { timer: (delay, fire) => timer(delay / 10, fire) };
    const findings = await diagnose(url, {}, fast);
    expect(troubles(findings)).toEqual(["error reachable"]);
    expect(findings[0]?.says).toBe("No answer within 3 s.");
    // A brief one is silent: the request of the election that fails is reported as such.
    expect(await diagnose(url, {}, { ...fast, isBrief: true })).toEqual([]);
  });
});
