import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import type { ObservedRecord } from "../../../src/stores/observed/register.ts";
import { ZookeeperRegister } from "../../../src/stores/zookeeper/zookeeper-register.ts";
import { ZookeeperServers } from "../../../src/stores/zookeeper/zookeeper-servers.ts";
import { zookeeperSettings } from "../../../src/stores/zookeeper/zookeeper-settings.ts";
import { ZookeeperStore, type ZookeeperStoreOptions } from "../../../src/zookeeper.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { startProxy } from "../../support/tcp-proxy.ts";
import { startZookeeper, type ZookeeperServer } from "../../support/zookeeper-server.ts";
import { deleteAll, deleteBelow, hasNode, lookAt, makeNode, withNodes } from "./nodes.ts";

let server: ZookeeperServer;
beforeAll(async () => {
  server = await startZookeeper();
});
afterAll(() => server.stop());

async function withStore<Result>(
  use: (store: ZookeeperStore) => Promise<Result>,
  options: ZookeeperStoreOptions = {},
  url = server.url,
): Promise<Result> {
  const store = new ZookeeperStore(url, { restartGuard: false, ...options });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

describe("an election", () => {
  test("is a node that people can read, and one below it that stands for its last write", async () => {
    const own = acquireRequest("billing:ä/1.x", { nodeId: "ada" });
    await withStore(async (store) => {
      const reply = await store.acquire(own);
      await store.renew(renewRequest(own, reply.granted ? reply.token : 0));
      expect(await store.keys(own)).toContain("billing:ä/1.x");
    });
    const { text, below } = await lookAt(server.url, "/incumbent/billing=3A=C3=A4=2F1=2Ex");
    expect(JSON.parse(text ?? "")).toMatchObject({ nodeId: "ada", nonce: own.nonce, seq: 2 });
    expect(below).toEqual([expect.stringMatching(/^2-/)]);
  });

  test("outlives the session that it was made in", async () => {
    const own = acquireRequest("lasting", { ttl: 60_000 });
    await withStore((store) => store.acquire(own));
    await withStore(async (store) => {
      expect(await store.acquire(acquireRequest("lasting"))).toMatchObject({ reason: "held" });
    });
  });

  test("is below the path of the URL and the prefix, which are made", async () => {
    const url = `${server.url}/apps/one/?prefix=team/elections`;
    await withStore((store) => store.acquire(acquireRequest("job")), {}, url);
    expect(await hasNode(server.url, "/apps/one/team/elections/job")).toBe(true);
    await withStore(
      async (store) => expect(await store.keys(request("job"))).toEqual(["job"]),
      {},
      url,
    );
  });

  test("whose node holds something else is left alone", async () => {
    await makeNode(server.url, "/incumbent/foreign", "something");
    await withStore(async (store) => {
      store.watch("foreign", () => {});
      await expect(store.acquire(acquireRequest("foreign"))).rejects.toMatchObject({
        ...{ code: "INCUMBENT_KEY_OCCUPIED", applied: "no" },
        message:
          "The node /incumbent/foreign of ZooKeeper holds something that Incumbent did not write.",
      });
    });
    expect(await lookAt(server.url, "/incumbent/foreign")).toMatchObject({ text: "something" });
  });

  test("whose node has lost the one below it is named, with what to do", async () => {
    await withStore(async (store) => {
      const own = acquireRequest("damaged");
      await store.acquire(own);
      await deleteBelow(server.url, "/incumbent/damaged");
      await expect(store.release(own)).rejects.toMatchObject({
        ...{ code: "INCUMBENT_KEY_OCCUPIED", applied: "no" },
        message: expect.stringContaining("deleteall /incumbent/damaged"),
      });
      await deleteAll(server.url, "/incumbent/damaged");
      expect(await store.acquire(acquireRequest("damaged"))).toMatchObject({ granted: true });
    });
  });

  test("that is deleted under a leader is made again by its next renewal", async () => {
    await withStore(async (holder) => {
      const own = acquireRequest("deleted", { ttl: 60_000 });
      const reply = await holder.acquire(own);
      await deleteAll(server.url, "/incumbent/deleted");
      const renewal = renewRequest(own, reply.granted ? reply.token : 0);
      expect(await holder.renew(renewal)).toEqual({ renewed: true });
      await withStore(async (rival) => {
        expect(await rival.acquire(acquireRequest("deleted"))).toMatchObject({ reason: "held" });
      });
    });
  });
});

test("after a snapshot was restored, a leader keeps its lease, and a candidate that took part waits", async () => {
  const open = (restartGuard: boolean) => {
    const store = new ZookeeperStore(server.url, { restartGuard });
    onTestFinished(() => store.close());
    return store;
  };
  const [holder, candidate] = [open(false), open(true)];
  const [key, ttl] = [randomUUID(), 60_000];
  const restart = async (meanwhile: () => void) => {
    await server.kill();
    meanwhile();
    await server.start();
  };
  /** Until the connection stands again. */
  const eventually = <Answer>(ask: () => Promise<Answer>) =>
    expect.poll(() => ask().catch(() => undefined));
  const wish = () => candidate.acquire(acquireRequest(key, { ttl }));
  const first = acquireRequest(key, { ttl });
  await holder.acquire(first);
  await holder.release(first);
  await restart(server.save);
  const own = acquireRequest(key, { ttl });
  await eventually(() => holder.acquire(own)).toMatchObject({ granted: true });
  await eventually(wish).toMatchObject({ reason: "held" });
  const { token = 0 } = (await holder.read(own)) ?? {};
  await restart(server.restore);
  await eventually(wish).toMatchObject({ reason: "quarantine" });
  const renewal = renewRequest(own, token);
  await eventually(() => holder.renew(renewal)).toEqual({ renewed: true });
  expect(await wish()).toMatchObject({ reason: "held" });
});

describe("a write", () => {
  const record = (nonce: string, seq: number): ObservedRecord => ({
    ...{ nonce, seq, nodeId: "node", metadata: undefined, token: 7, since: 0, ttl: 1000, at: 0 },
  });
  const wait = { signal: new AbortController().signal };
  const withRegister = async (
    use: (register: ZookeeperRegister) => Promise<void>,
    port: number,
  ) => {
    const settings = zookeeperSettings(`zookeeper://127.0.0.1:${port}`, {});
    const register = new ZookeeperRegister(new ZookeeperServers(settings));
    try {
      await use(register);
    } finally {
      await register.close();
    }
  };

  test("on what was seen does not replace what was made again and written as often", async () => {
    await withRegister(async (register) => {
      const key = randomUUID();
      const absent = await register.read(key, wait);
      const write = async (seen = absent, next = record("a", 1)) => {
        const written = await register.compareAndSet(key, seen, next, wait);
        if (!written.written) throw new Error("refused");
        return written.cell;
      };
      const seen = await write(await write(), record("a", 2));
      expect(await register.read(key, wait)).toEqual(seen);
      await deleteAll(server.url, `/incumbent/${key}`);
      const other = await write(await write(absent, record("b", 1)), record("b", 2));
      const late = await register.compareAndSet(key, seen, record("a", 3), wait);
      expect(late).toEqual({ written: false, cell: other });
      expect(other.version).not.toBe(seen.version);
    }, server.port);
  });

  test("on an absence does not replace what is there, and brings it back", async () => {
    await withRegister(async (register) => {
      const key = randomUUID();
      const absent = await register.read(key, wait);
      const first = await register.compareAndSet(key, absent, record("a", 1), wait);
      const second = await register.compareAndSet(key, absent, record("b", 1), wait);
      expect(second).toEqual({ written: false, cell: first.cell });
    }, server.port);
  });

  test("whose connection breaks before the answer may have been carried out, and is not repeated", async () => {
    const proxy = await startProxy(server.port);
    try {
      await withRegister(async (register) => {
        const key = randomUUID();
        const absent = await register.read(key, wait);
        proxy.mode = "swallow-replies";
        const asked = register.compareAndSet(key, absent, record("a", 1), wait);
        const path = `/incumbent/${key}`;
        await expect.poll(() => hasNode(server.url, path), { timeout: 5000 }).toBe(true);
        proxy.cut();
        await expect(asked).rejects.toMatchObject({
          ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
        });
        proxy.mode = "pass";
        expect(await register.read(key, wait)).toMatchObject({ record: { nonce: "a", seq: 1 } });
      }, proxy.port);
    } finally {
      await proxy.close();
    }
  });
});

describe("a server that says nothing more", () => {
  test("is given up within seconds, and the next request finds another way", async () => {
    const proxy = await startProxy(server.port);
    try {
      await withStore(
        async (store) => {
          await store.read(request("job"));
          proxy.mode = "swallow";
          await expect(store.read(request("job"))).rejects.toMatchObject({
            ...{ code: "INCUMBENT_STORE_UNAVAILABLE", detail: "the server does not answer" },
          });
          proxy.mode = "pass";
          expect(await store.read(request("job"))).toBeUndefined();
        },
        {},
        `zookeeper://127.0.0.1:${proxy.port}`,
      );
    } finally {
      await proxy.close();
    }
  });
});

describe("a user", () => {
  const ada = { user: "ada", password: "s3cret:hush", prefix: "of-ada" };

  test("owns the nodes that it makes: without its password they cannot be written or read", async () => {
    await withStore((store) => store.acquire(acquireRequest("job")), ada);
    await withStore(async (store) => {
      expect(await store.acquire(acquireRequest("job"))).toMatchObject({ reason: "held" });
    }, ada);
    for (const others of [{ ...ada, password: "gu3ssed" }, { prefix: "of-ada" }]) {
      const error = await withStore(
        (store) => store.acquire(acquireRequest("job")).catch((reason) => reason),
        others,
      );
      expect(error).toMatchObject({
        ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
        message: expect.stringMatching(/does not allow it at \/of-ada\/job: check user and pass/),
      });
      expect(JSON.stringify(error)).not.toMatch(/gu3ssed|s3cret/);
    }
    await expect(
      withNodes(server.url, async () => lookAt(server.url, "/of-ada/job")),
    ).rejects.toThrow("does not allow it");
  });

  test("may stand in the URL", async () => {
    const url = server.url.replace("//", "//ada:s3cret%3Ahush@");
    await withStore(
      async (store) => {
        expect(await store.keys(request("job"))).toEqual(["job"]);
        expect(await store.acquire(acquireRequest("job"))).toMatchObject({ reason: "held" });
      },
      { prefix: "of-ada" },
      url,
    );
  });
});

test("a server that demands a login is named, and serves those that have one", async () => {
  const enforce = "-Dzookeeper.enforce.auth";
  const guarded = await startZookeeper({
    java: [`${enforce}.enabled=true`, `${enforce}.schemes=digest`],
  });
  const acquire = (options: ZookeeperStoreOptions) =>
    withStore(
      (store) => store.acquire(acquireRequest("job")).catch((reason) => reason),
      options,
      guarded.url,
    );
  try {
    expect(await acquire({})).toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
      message: expect.stringContaining("demands a login: give user and password"),
    });
    expect(await acquire({ user: "ada", password: "s3cret" })).toMatchObject({ granted: true });
  } finally {
    await guarded.stop();
  }
});

test("the store is strict, and its clock is the candidate's", () => {
  const { traits } = new ZookeeperStore("zookeeper://a,b,c");
  const clock = "observer";
  expect(traits).toEqual({ name: "zookeeper", exclusion: "strict", tokens: "clock", clock });
});
