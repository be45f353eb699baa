import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { ZookeeperStore, type ZookeeperStoreOptions } from "../../../src/zookeeper.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";
import { request } from "../../support/requests.ts";
import { startZookeeper, type ZookeeperServer } from "../../support/zookeeper-server.ts";
import { startFake } from "./fake-server.ts";
import { hasNode, lookAt, makeNode } from "./nodes.ts";

let server: ZookeeperServer;
beforeAll(async () => {
  server = await startZookeeper();
});
afterAll(() => server.stop());

async function diagnose(url = server.url, options: ZookeeperStoreOptions = {}) {
  const store = new ZookeeperStore(url, options);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

test("a prefix that is not there yet is a note, and so is a single server; nothing is made", async () => {
  const findings = await diagnose(server.url, { prefix: "new/below" });
  expect(troubles(findings)).toEqual(["note rights", "note servers"]);
  expect(findings.map(({ check }) => check)).toEqual(["reachable", "rights", "servers"]);
  expect(JSON.stringify(findings)).toContain("is ZooKeeper 3");
  expect(await hasNode(server.url, "/new")).toBe(false);
});

test("a prefix that may be written is sound, and stays as it is", async () => {
  await makeNode(server.url, "/sound", "");
  expect(troubles(await diagnose(server.url, { prefix: "sound" }))).toEqual(["note servers"]);
  expect(await lookAt(server.url, "/sound")).toEqual({ below: [], text: "" });
});

test("a prefix of another user is an error, without the password", async () => {
  const owner = new ZookeeperStore(server.url, {
    ...{ user: "ada", password: "s3cret", prefix: "owned", restartGuard: false },
  });
  onTestFinished(() => owner.close());
  const own = { ...request("job"), nonce: "n", nodeId: "ada", metadata: undefined };
  await owner.acquire({ ...own, ttl: 1000, above: 0 });
  const as = (password: string) => diagnose(server.url, { user: "ada", password, prefix: "owned" });
  expect(troubles(await as("s3cret"))).toEqual(["note servers"]);
  const findings = await as("gu3ssed");
  expect(troubles(findings)).toEqual(["error rights", "note servers"]);
  expect(JSON.stringify(findings)).toContain("does not allow it at /owned");
  expect(JSON.stringify(findings)).not.toMatch(/s3cret|gu3ssed/);
});

test("a server that does not answer is a warning, and none is an error", async () => {
  const port = await freePort();
  const findings = await diagnose(`${server.url},127.0.0.1:${port}`, { prefix: "sound" });
  expect(troubles(findings)).toEqual(["note servers", "warning servers"]);
  expect(findings.at(-1)?.says).toBe(`127.0.0.1:${port} does not answer.`);
  expect(troubles(await diagnose(`zookeeper://127.0.0.1:${port}`))).toEqual(["error reachable"]);
});

test.each([
  ["This ZooKeeper instance is not currently serving requests", "error", "serves no requests"],
  ["Zookeeper version: 3.9.1-x\nMode: read-only\n", "error", "takes no writes"],
  ["Zookeeper version: 3.9.1-x\nMode: follower\n", "ok", "ZooKeeper 3.9.1 (follower)."],
])("of a server that says %j, it is said", async (said, level, says) => {
  const port = await startFake({ word: () => said });
  const findings = await diagnose(`${server.url},127.0.0.1:${port}`, { prefix: "sound" });
  const [last] = findings.filter(({ says: text }) => text.includes(String(port)));
  expect(last).toMatchObject({ check: "servers", level });
  expect(last?.says).toContain(says);
});
