import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { NatsStore } from "../../../src/nats.ts";
import type { AcquireReply, AcquireRequest } from "../../../src/stores/lease-store.ts";
import { type NatsServer, startNats } from "../../support/nats-server.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { askJetStream, deleteBucket, makeBucket, publish } from "./bucket.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

async function withStore<Result>(store: NatsStore, use: (store: NatsStore) => Promise<Result>) {
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** For elections without a quarantine; closed when the test has ended. */
function open(bucket: string): NatsStore {
  const store = new NatsStore(server.url, { bucket, restartGuard: false });
  onTestFinished(() => store.close());
  return store;
}

/** Renews once what was won, and answers with the message of what failed. */
function renewalOf(holder: NatsStore, own: AcquireRequest, won: AcquireReply) {
  const renewal = renewRequest(own, won.granted ? won.token : 0);
  return () => holder.renew(renewal).catch((error) => error.message);
}

/** What comes of asking the store once. */
function failure(store: NatsStore): Promise<unknown> {
  return withStore(store, (open) => open.read(request("job")).catch((error) => error));
}

describe("the bucket", () => {
  test("keeps one message for each election, under a name that people can read", async () => {
    const store = new NatsStore(server.url, { bucket: "readable", restartGuard: false });
    await withStore(store, async () => {
      const own = acquireRequest("billing:ä/1.x");
      await store.acquire(own);
      await store.release(own);
      expect(await store.keys?.(own)).toEqual(["billing:ä/1.x"]);
    });
    const info = await askJetStream(server.url, "STREAM.INFO.KV_readable", {
      subjects_filter: ">",
    });
    const subject = "$KV.readable.billing=3A=C3=A4=2F1=2Ex";
    expect(info).toMatchObject({ state: { messages: 1, subjects: { [subject]: 1 } } });
  });

  test("that is lost under a leader is made again, and the leader restores its lease", async () => {
    await withStore(
      new NatsStore(server.url, { bucket: "lost", restartGuard: false }),
      async (holder) => {
        const own = acquireRequest("job", { ttl: 60_000 });
        const reply = await holder.acquire(own);
        await deleteBucket(server.url, "lost");
        const renewal = renewRequest(own, reply.granted ? reply.token : 0);
        const renewed = () => holder.renew(renewal).catch((error) => error.code);
        await expect.poll(renewed, { timeout: 5000 }).toEqual({ renewed: true });
        const rival = new NatsStore(server.url, { bucket: "lost" });
        await withStore(rival, async () => {
          expect(await rival.acquire(acquireRequest("job"))).toMatchObject({ reason: "held" });
        });
      },
    );
  });

  test("that is made anew has no revision that a candidate has seen before", async () => {
    const bucket = "anew";
    const [holder, follower] = [open(bucket), open(bucket)];
    const own = acquireRequest("job", { ttl: 3000 });
    const won = await holder.acquire(own);
    const rival = acquireRequest("job");
    expect(await follower.acquire(rival)).toMatchObject({ reason: "held" });
    await deleteBucket(server.url, bucket);
    await expect.poll(renewalOf(holder, own, won)).toEqual({ renewed: true });
    await sleep(own.ttl);
    expect(await follower.acquire(rival)).toMatchObject({ granted: false, reason: "held" });
  });

  test("that another program has replaced is noticed by a process that finds no record there", async () => {
    const bucket = "replaced";
    const holder = open(bucket);
    const own = acquireRequest("job", { ttl: 60_000 });
    const won = await holder.acquire(own);
    await deleteBucket(server.url, bucket);
    await makeBucket(server.url, bucket);
    const renewed = renewalOf(holder, own, won);
    expect(await renewed()).toBe('NATS has lost its data: the bucket "replaced" was made anew.');
    await expect.poll(renewed).toEqual({ renewed: true });
  });

  test("that several processes make at once is one in which only one of them is elected", async () => {
    const stores = Array.from({ length: 30 }, () => open("contended"));
    const replies = await Promise.all(stores.map((store) => store.acquire(acquireRequest("job"))));
    expect(replies.filter(({ granted }) => granted)).toHaveLength(1);
  });

  test("is not made if createBucket is false", async () => {
    expect(
      await failure(new NatsStore(`${server.url}?bucket=none&createBucket=false`)),
    ).toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: 'NATS has no bucket "none", and createBucket is false.',
    });
  });

  test.each([
    ["whose records expire", { max_age: 1e9 }, {}, /whose records expire/],
    [
      "that is kept on another number of servers",
      {},
      { replicas: 3 },
      /on 1 servers.* replicas is 3/,
    ],
  ])("%s is refused", async (_, config, options, message) => {
    const bucket = `refused${Object.keys({ ...config, ...options }).join("")}`;
    const stream = { name: `KV_${bucket}`, subjects: [`$KV.${bucket}.>`], ...config };
    await askJetStream(server.url, `STREAM.CREATE.KV_${bucket}`, stream);
    const error = await failure(new NatsStore(server.url, { bucket, ...options }));
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED" });
    expect(error).toHaveProperty("message", expect.stringMatching(message));
  });

  test("that holds something else is left alone", async () => {
    const stream = { name: "KV_foreign", subjects: ["$KV.foreign.>"], max_msgs_per_subject: 1 };
    await askJetStream(server.url, "STREAM.CREATE.KV_foreign", stream);
    const store = new NatsStore(server.url, { bucket: "foreign" });
    await withStore(store, async () => {
      await publish(server.url, "$KV.foreign.job", "something");
      store.watch?.("job", () => {});
      await expect(store.acquire(acquireRequest("job"))).rejects.toMatchObject({
        code: "INCUMBENT_KEY_OCCUPIED",
      });
    });
  });
});

test("a bucket on several servers makes the store advisory", () => {
  expect(new NatsStore("nats://a,b,c?replicas=3").traits.exclusion).toBe("advisory");
  expect(new NatsStore("nats://a").traits).toMatchObject({ name: "nats", exclusion: "strict" });
});

test("a server without JetStream is refused by name", async () => {
  const plain = await startNats("");
  try {
    expect(await failure(new NatsStore(plain.url))).toMatchObject({
      code: "INCUMBENT_STORE_MISCONFIGURED",
      message: "NATS does not run JetStream, which nats-server -js starts.",
    });
  } finally {
    await plain.stop();
  }
});

describe("a user", () => {
  let guarded: NatsServer;
  beforeAll(async () => {
    const deny = (subject: string) => `permissions: { publish: { deny: "${subject}" } }`;
    guarded = await startNats(`jetstream {}
      authorization { users: [
        { user: app, password: "s3cret" }
        { user: reader, password: "s3cret", ${deny("$KV.>")} }
        { user: keeper, password: "s3cret", ${deny("$JS.API.STREAM.PURGE.>")} }
        { user: stranger, password: "s3cret", ${deny("$JS.API.STREAM.>")} }
      ] }`);
    await failure(new NatsStore(at("app", "s3cret")));
  });
  afterAll(() => guarded.stop());
  const at = (user: string, password: string) =>
    `nats://${user}:${password}@127.0.0.1:${guarded.port}?restartGuard=false`;

  test("with the right password is elected", async () => {
    const store = new NatsStore(at("app", "s3cret"));
    const reply = await withStore(store, () => store.acquire(acquireRequest("job")));
    expect(reply).toMatchObject({ granted: true });
  });

  test("who may make the bucket and not purge it is elected", async () => {
    const store = new NatsStore(`${at("keeper", "s3cret")}&bucket=counted`);
    const reply = await withStore(store, () => store.acquire(acquireRequest("job")));
    expect(reply).toMatchObject({ granted: true });
  });

  test("may be given by the options of the client", async () => {
    const servers = `127.0.0.1:${guarded.port}`;
    const connection = { servers, user: "app", pass: "s3cret" };
    const found = await withStore(new NatsStore(connection), async (store) =>
      store.keys?.(request("job")),
    );
    expect(found).toEqual(["job"]);
  });

  test.each([
    ["with a wrong password", "app", "wrong-hush"],
    ["who may not look", "stranger", "s3cret"],
  ])("%s is refused by name, without the password", async (_, user, password) => {
    const error = await failure(new NatsStore(at(user, password)));
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
    expect(String(error)).not.toContain(password);
  });

  test("who may not write is refused by name, and nothing was applied", async () => {
    const store = new NatsStore(at("reader", "s3cret"));
    const asked = withStore(store, () => store.acquire(acquireRequest("other")));
    await expect(asked).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
      message: expect.stringContaining("$KV.incumbent.other"),
    });
  });
});

describe("refused by name", () => {
  test.each([
    ["nats://", /must name hosts/],
    ["nats://a:0", /must name hosts/],
    ["nats://a,b:99999", /must name hosts/],
    ["nats://a/b", /must have no path/],
    ["nats://a#b", /must have no fragment/],
    ["nats://%zz@a", /must have % in user and password written as %25/],
    ["http://a", /must be a URL that begins with nats:\/\//],
    ["nats://a?bucket=x.y", /^bucket must be 1 to 64 letters, digits, - and _; got "x\.y"/],
    ["nats://a?replicas=9", /^replicas must be a whole number from 1 to 5/],
    ["nats://a?bukket=x", /did you mean "bucket"/],
  ])("%s", (url, message) => {
    expect(() => new NatsStore(url)).toThrow(message);
  });

  test.each([
    [{ buckets: "x" }, /did you mean "bucket"/],
    [{ createBucket: "yes" }, /^createBucket must be true or false; got "yes"/],
    [{ restartGuard: 1 }, /^restartGuard must be true or false; got 1/],
  ])("the options %j", (options, message) => {
    // As JavaScript may pass them.
    expect(() => new NatsStore("nats://a", options as object)).toThrow(message);
  });

  test("a connection in place of its options", () => {
    const connection = { servers: [], publish() {} };
    expect(() => new NatsStore(connection)).toThrow(/^connection must be a URL, or the options/);
  });
});
