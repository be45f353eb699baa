import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { openStore } from "../../../../src/cli/open-store.ts";
import { Elector } from "../../../../src/index.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { type RedisServer, startRedis } from "../../../support/redis-server.ts";
import { acquireRequest, renewRequest } from "../../../support/requests.ts";

let primary: RedisServer;
let replica: RedisServer;

beforeAll(async () => {
  primary = await startRedis(["--repl-diskless-sync-delay", "0"]);
  replica = await startRedis(["--replicaof", "127.0.0.1", String(primary.port)]);
  await vi.waitFor(
    async () => expect(await primary.command("INFO", "replication")).toContain("state=online"),
    { timeout: 30_000 },
  );
  await primary.settle();
}, 40_000);
afterAll(async () => {
  await Promise.all([primary.stop(), replica.stop()]);
});

function candidate(key: string, url = `${primary.url}?minReplicas=1`): Elector {
  const store = new RedisStore(url);
  const elector = new Elector(store, key, { ttl: 1000 });
  onTestFinished(async () => {
    replica.resume();
    await elector.stop();
    await store.close();
  });
  return elector;
}

/** Resolves with the next error of such a request. */
function failure(elector: Elector, operation: string): Promise<Error> {
  return new Promise((resolve) => {
    elector.on("storeError", (event) => event.operation === operation && resolve(event.error));
  });
}

describe("minReplicas", () => {
  test("a lease that the replica has counts, and one that it has not ends at its deadline", async () => {
    const elector = candidate("job");
    await elector.start();
    const term = await elector.waitForLeadership();
    expect(await replica.command("HGET", "job", "token")).toBe(String(term.token));
    let renewals = 0;
    elector.on("renewed", () => {
      renewals += 1;
    });
    await expect.poll(() => renewals, { timeout: 5000 }).toBeGreaterThan(3);
    expect(term.signal.aborted).toBe(false);

    const failed = failure(elector, "renew");
    replica.pause();
    expect(await failed).toMatchObject({
      ...{ code: "INCUMBENT_STORE_REFUSED", applied: "maybe" },
      message: expect.stringMatching(/^Redis: 0 replicas have the lease .* minReplicas is 1\.$/),
    });
    await expect.poll(() => term.signal.aborted, { timeout: 5000 }).toBe(true);
    replica.resume();
    expect((await elector.waitForLeadership()).token).toBeGreaterThan(term.token);
  });

  test("an acquire that the replica has not is given back, and waited after", async () => {
    const elector = candidate("other");
    const waits: number[] = [];
    elector.on("quarantined", ({ retryIn }) => waits.push(retryIn ?? 0));
    const failed = failure(elector, "acquire");
    replica.pause();
    await elector.start();
    expect(await failed).toMatchObject({ code: "INCUMBENT_STORE_REFUSED", applied: "maybe" });
    expect(elector.isLeader()).toBe(false);
    await expect.poll(() => primary.command("HGET", "other", "nonce"), { timeout: 5000 }).toBe("");
    replica.resume();
    const term = await elector.waitForLeadership();
    expect(waits.some((wait) => wait > 900)).toBe(true);
    expect(await replica.command("HGET", "other", "token")).toBe(String(term.token));
  });

  test("a renewal that begins a wait without replicas has the next one begin it anew", async () => {
    const store = new RedisStore(primary.url, { minReplicas: 1 });
    onTestFinished(async () => {
      replica.resume();
      await store.close();
    });
    const since = async () => Number(await primary.command("HGET", "incumbent:server", "since"));
    const acquired = acquireRequest("renewed", { ttl: 60_000 });
    // Whatever comes of it, the store knows the server from then on.
    await store.acquire(acquired);
    replica.pause();
    await primary.command("FLUSHALL");
    const renew = () =>
      store.renew(renewRequest(acquired, 1, { notAfter: acquired.clock.now() + 1500 }));
    await expect(renew()).rejects.toMatchObject({ code: "INCUMBENT_STORE_REFUSED" });
    const first = await since();
    await expect(renew()).rejects.toMatchObject({ code: "INCUMBENT_STORE_REFUSED" });
    expect(await since()).toBeGreaterThan(first);
  });

  test("a user who may not ask for the replicas learns it, and the lease is given back", async () => {
    const rights = "+@all -wait ~* &*".split(" ");
    await primary.command("ACL", "SETUSER", "half", "on", ">pw", ...rights);
    const elector = candidate("half", `redis://half:pw@127.0.0.1:${primary.port}?minReplicas=1`);
    const failed = failure(elector, "acquire");
    await elector.start();
    expect(await failed).toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "maybe" },
      message: expect.stringContaining("wait"),
    });
    await expect.poll(() => primary.command("HGET", "half", "nonce"), { timeout: 5000 }).toBe("");
  });

  test.each([
    ["minReplicas=-1", /parameter "minReplicas" must be a whole number/],
    ["minReplicas=101", /minReplicas must be a whole number from 0 to 100/],
  ])("G7: %s is refused with its rule", async (parameter, message) => {
    await expect(openStore(`redis://h?${parameter}`)).rejects.toThrow(message);
  });
});
