import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { NatsStore, type NatsStoreOptions } from "../../../src/nats.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";
import { type NatsServer, startNats } from "../../support/nats-server.ts";
import { request } from "../../support/requests.ts";
import { askJetStream } from "./bucket.ts";

let server: NatsServer;
beforeAll(async () => {
  server = await startNats();
});
afterAll(() => server.stop());

async function diagnose(url: string, options: NatsStoreOptions = {}) {
  const store = new NatsStore(url, options);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

test("a bucket that does not exist is a note, or an error without createBucket, and is not made", async () => {
  expect(troubles(await diagnose(server.url, { bucket: "new" }))).toEqual(["note reachable"]);
  const without = await diagnose(server.url, { bucket: "new", createBucket: false });
  expect(troubles(without)).toEqual(["error reachable"]);
  expect(await askJetStream(server.url, "STREAM.INFO.KV_new")).toHaveProperty("error");
});

test("a bucket that the store has made has nothing but ok, and nothing is written to it", async () => {
  const store = new NatsStore(server.url, { bucket: "made" });
  onTestFinished(() => store.close());
  await store.read(request("job"));
  const findings = await diagnose(server.url, { bucket: "made" });
  expect(troubles(findings)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(["reachable", "rights", "bucket"]);
  expect(await askJetStream(server.url, "STREAM.INFO.KV_made")).toMatchObject({
    state: { messages: 0 },
  });
});

test("a bucket in memory is a note, that it counts from 1 is another, and an empty one stays as it is", async () => {
  await askJetStream(server.url, "STREAM.CREATE.KV_volatile", {
    ...{ name: "KV_volatile", subjects: ["$KV.volatile.>"], storage: "memory" },
    ...{ max_msgs_per_subject: 1, discard: "new" },
  });
  const findings = await diagnose(server.url, { bucket: "volatile" });
  expect(troubles(findings)).toEqual(["note bucket", "note bucket"]);
  expect(findings.map(({ says }) => says).join("\n")).toContain("counts its revisions from 1");
  expect(await askJetStream(server.url, "STREAM.INFO.KV_volatile")).toMatchObject({
    state: { last_seq: 0 },
  });
});

test("a bucket on another number of servers is refused", async () => {
  const store = new NatsStore(server.url, { bucket: "made" });
  onTestFinished(() => store.close());
  await store.read(request("job"));
  const findings = await diagnose(server.url, { bucket: "made", replicas: 3 });
  expect(troubles(findings)).toEqual(["error reachable"]);
  expect(findings[0]?.says).toContain("the option replicas is 3");
});

test("a server without JetStream, and none at all, are one finding", async () => {
  const plain = await startNats("");
  onTestFinished(() => plain.stop());
  const findings = await diagnose(plain.url);
  expect(troubles(findings)).toEqual(["error reachable"]);
  expect(findings[0]?.says).toContain("JetStream");
  expect(troubles(await diagnose(`nats://127.0.0.1:${await freePort()}`))).toEqual([
    "error reachable",
  ]);
});

test("a user that may not publish is an error, without the password", async () => {
  const store = new NatsStore(server.url, { bucket: "made" });
  await store.read(request("job"));
  await store.close();
  const guarded = await startNats(
    `jetstream {}\nauthorization { users: [
      { user: "all", password: "hush" },
      { user: "reader", password: "hush", permissions: { publish: { deny: "$KV.>" } } } ] }`,
  );
  onTestFinished(() => guarded.stop());
  const as = (user: string) => guarded.url.replace("//", `//${user}:hush@`);
  const owner = new NatsStore(as("all"));
  await owner.read(request("job"));
  await owner.close();
  expect(troubles(await diagnose(as("all")))).toEqual([]);
  const findings = await diagnose(as("reader"));
  expect(troubles(findings)).toEqual(["error rights"]);
  expect(JSON.stringify(findings)).not.toContain("hush");
});
