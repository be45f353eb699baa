import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { EtcdStore, type EtcdStoreOptions } from "../../../src/etcd.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";

let server: EtcdServer;
beforeAll(async () => {
  const [started] = await startEtcd();
  if (started === undefined) throw new Error("etcd was not started");
  server = started;
}, 90_000);
afterAll(() => server.stop());

async function diagnose(url: string, options: EtcdStoreOptions = {}) {
  const store = new EtcdStore(url, options);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

test("a sound cluster has nothing but ok, and nothing is put into it", async () => {
  const findings = await diagnose(server.url);
  expect(troubles(findings)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual(["reachable", "rights", "members"]);
  expect(await server.call("kv/range", { key: "AA==", range_end: "AA==" })).not.toHaveProperty(
    "kvs",
  );
});

test("a member that does not answer is a warning, and none is an error", async () => {
  const port = await freePort();
  const findings = await diagnose(`${server.url},127.0.0.1:${port}`);
  expect(troubles(findings)).toEqual(["warning members"]);
  expect(findings.at(-1)?.says).toContain(`http://127.0.0.1:${port} does not answer`);
  expect(troubles(await diagnose(`etcd://127.0.0.1:${port}`))).toEqual(["error reachable"]);
});

test("an alarm is an error", async () => {
  const { header } = await server.call("maintenance/status", {});
  const memberID = (header as { member_id: string }).member_id; // As etcd documents it.
  const alarm = (action: string) => ({ action, memberID, alarm: "NOSPACE" });
  await server.call("maintenance/alarm", alarm("ACTIVATE"));
  const findings = await diagnose(server.url);
  await server.call("maintenance/alarm", alarm("DEACTIVATE"));
  expect(troubles(findings)).toContain("error members");
  expect(JSON.stringify(findings)).toContain("NOSPACE");
  expect(troubles(await diagnose(server.url))).toEqual([]);
});

test("a user without a right, or with a wrong password, is told so without it", async () => {
  const { control } = server;
  await control("user", "add", "root:root");
  await control("user", "grant-role", "root", "root");
  for (const [user, right] of [
    ["reader", "read"],
    ["writer", "readwrite"],
  ] as const) {
    await control("role", "add", user);
    await control("role", "grant-permission", user, right, "--prefix=true", "incumbent/");
    await control("user", "add", `${user}:s3cret`);
    await control("user", "grant-role", user, user);
  }
  await control("auth", "enable");
  const as = (user: string, password = "s3cret") => diagnose(server.url, { user, password });
  expect(troubles(await as("writer"))).toEqual([]);
  const denied = await as("reader");
  expect(troubles(denied)).toEqual(["error rights"]);
  expect(JSON.stringify(denied)).toContain("readwrite on the prefix");
  const wrong = await as("writer", "gu3ssed");
  expect(troubles(wrong)).toEqual(["error reachable"]);
  expect(JSON.stringify(wrong)).not.toContain("gu3ssed");
});

/** A member of etcd that answers each request as given, and says `{}` to all others. Returns its URL. */
async function startFake(
  answers: Readonly<Record<string, readonly [status: number, body: object]>>,
) {
  const member = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ""] ?? [200, {}];
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    request.resume();
  }).listen(0, "127.0.0.1");
  await once(member, "listening");
  onTestFinished(() => void member.close());
  const address = member.address();
  return `etcd://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

const login = { "/v3/auth/authenticate": [200, { token: "t0ken" }] } as const;
const asWriter = { user: "writer", password: "s3cret" };

test("a member that shows its status to root only is sound, as one of etcd 3.5 with logins", async () => {
  const denied = { code: 7, message: "etcdserver: permission denied" };
  const url = await startFake({ ...login, "/v3/maintenance/status": [403, denied] });
  const findings = await diagnose(url, asWriter);
  expect(troubles(findings)).toEqual([]);
  expect(findings.at(-1)?.says).toMatch(/ answers\. It shows its status to the root user only\.$/);
});

test("a member that shows its status to no user is a warning", async () => {
  const failed = { code: 2, message: "etcdserver: corrupt cluster" };
  const url = await startFake({ ...login, "/v3/maintenance/status": [500, failed] });
  const findings = await diagnose(url, asWriter);
  expect(troubles(findings)).toEqual(["warning members"]);
  expect(findings.at(-1)?.says).toContain("corrupt cluster");
});
