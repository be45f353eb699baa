import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { KubernetesStoreOptions } from "../../../src/stores/kubernetes/kubernetes-options.ts";
import { findingsOf, troubles } from "../../support/findings.ts";
import { freePort } from "../../support/free-port.ts";
import { KubernetesServer } from "../../support/kubernetes-server.ts";
import { storeOn } from "./stores.ts";

const server = new KubernetesServer();
beforeAll(() => server.start());
afterEach(() => server.denied.clear());
afterAll(() => server.stop());

async function diagnose(options: KubernetesStoreOptions = {}, place = { ...reached() }) {
  const store = storeOn(place, options);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

const reached = () => ({ url: server.url, token: server.token });

test("a sound namespace has nothing but ok, and no Lease is made in it", async () => {
  const findings = await diagnose();
  expect(troubles(findings)).toEqual([]);
  expect(findings.map(({ check }) => check)).toEqual([
    ...["reachable", "version", "namespace", "rights"],
  ]);
  expect(server.leases.size).toBe(0);
});

test("rights that are missing are named, with the rule that grants them", async () => {
  server.denied.add("update").add("watch");
  const findings = await diagnose({ namespace: "billing" });
  expect(troubles(findings)).toEqual(["error rights"]);
  const { says, remedy } = findings.at(-1) ?? {};
  expect(says).toBe('This user may not update, watch Leases in the namespace "billing".');
  expect(remedy).toContain('resources: ["leases"]');
});

test("a namespace that does not exist is an error", async () => {
  expect(troubles(await diagnose({ namespace: "nowhere" }))).toEqual(["error namespace"]);
});

test("a wrong token, and a server that is not there, are one finding without the token", async () => {
  for (const place of [
    { url: server.url, token: "gu3ssed" },
    { url: `http://127.0.0.1:${await freePort()}`, token: "gu3ssed" },
  ]) {
    const findings = await diagnose({}, place);
    expect(troubles(findings)).toEqual(["error reachable"]);
    expect(JSON.stringify(findings)).not.toContain("gu3ssed");
  }
});
