// The Role that docs/stores/kubernetes.md prints, on a real API server that authorizes by RBAC: with it everything works,
// and without one of its verbs, what the page says. docs/internals/kubernetes.md says how to start the server.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { StoreError } from "../../src/errors.ts";
import { HttpClient } from "../../src/stores/http/http-client.ts";
import { KubernetesStore } from "../../src/stores/kubernetes/kubernetes-store.ts";
import { configOf } from "../stores/kubernetes/stores.ts";
import { findingsOf, troubles } from "../support/findings.ts";
import { acquireRequest, renewRequest } from "../support/requests.ts";

const { values } = parseArgs({ options: { server: { type: "string", default: "" } } });
const url = values.server;
/** Of an administrator, and of the service account `billing` of the namespace `billing`. */
const [ADMIN, CANDIDATE] = ["secret", "billing"];
const NAMESPACE = "billing";
const http = new HttpClient("the API server");

async function ask(method: string, path: string, body?: string, type = "application/yaml") {
  return http.send(
    {
      ...{ method, url: new URL(path, url), body, tls: { rejectUnauthorized: false } },
      headers: { authorization: `Bearer ${ADMIN}`, "content-type": type },
    },
    { signal: AbortSignal.timeout(10_000) },
  );
}

const page = readFileSync(new URL("../../docs/stores/kubernetes.md", import.meta.url), "utf8");
const [role = "", binding = ""] =
  /## RBAC\n\n```yaml\n([^`]+)```/.exec(page)?.[1]?.split("---\n") ?? [];
const RBAC = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;

/** Allows these verbs, of those that the page names, and perhaps only for Leases of one name. */
async function allow(verbs: readonly string[], name?: string): Promise<void> {
  const list = JSON.stringify(verbs);
  const names = name === undefined ? "" : `\n    resourceNames: ["${name}"]`;
  const changed = role.replace(/verbs: \[.*\]/, `verbs: ${list}${names}`);
  const { status, text } = await ask("PUT", `${RBAC}/roles/billing-election`, changed);
  assert.equal(status, 200, text);
  // The authorizer hears of it a moment later.
  const isKnown = async () => {
    const review = {
      kind: "SelfSubjectRulesReview",
      apiVersion: "authorization.k8s.io/v1",
      spec: { namespace: NAMESPACE },
    };
    const reply = await http.send(
      {
        method: "POST",
        url: new URL("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", url),
        tls: { rejectUnauthorized: false },
        headers: { authorization: `Bearer ${CANDIDATE}`, "content-type": "application/json" },
        body: JSON.stringify(review),
      },
      { signal: AbortSignal.timeout(10_000) },
    );
    return reply.text.includes(`{"verbs":${list},"apiGroups":["coordination.k8s.io"]`);
  };
  while (!(await isKnown()));
}

async function withStore<Result>(use: (store: KubernetesStore) => Promise<Result>) {
  const config = configOf({ url, token: CANDIDATE }, NAMESPACE);
  const store = new KubernetesStore(config, { restartGuard: false });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** A whole term. */
async function elect(key: string): Promise<void> {
  await withStore(async (store) => {
    const own = acquireRequest(key);
    const reply = await store.acquire(own);
    assert(reply.granted);
    assert.deepEqual(await store.renew(renewRequest(own, reply.token)), { renewed: true });
    assert.equal((await store.read(own))?.token, reply.token);
    assert.deepEqual(await store.release(own), { released: true });
  });
}

function releaseOf(store: KubernetesStore, key: string): Promise<void> {
  return new Promise((resolve) => {
    store.watch?.(key, (hint) => {
      if (hint === "released") resolve();
    });
  });
}

async function refusal(asked: Promise<unknown>): Promise<void> {
  const error = await asked.catch((reason: unknown) => reason);
  assert(error instanceof StoreError);
  assert.equal(error.code, "INCUMBENT_STORE_MISCONFIGURED", error.message);
  assert.equal(error.applied, "no");
  assert.match(error.message, /Grant these rights in the namespace "billing"/);
}

const doctor = async () => troubles(await withStore(findingsOf));

async function claim(title: string, check: () => Promise<void>): Promise<void> {
  await check();
  process.stdout.write(`ok ${title}\n`);
}

const ALL = ["get", "create", "update", "list", "watch"];
const without = (...verbs: string[]) => ALL.filter((verb) => !verbs.includes(verb));
const namespace = JSON.stringify({ metadata: { name: NAMESPACE } });
await ask("POST", "/api/v1/namespaces", namespace, "application/json");
await claim("without a Role the refusal names the rights", () => refusal(elect(randomUUID())));
for (const [path, text] of [
  ["roles", role],
  ["rolebindings", binding],
]) {
  const { status, text: said } = await ask("POST", `${RBAC}/${path}`, text);
  assert(status === 201 || status === 409, said);
}
await allow(ALL);
await claim("the printed Role is enough for a term, a watch, a list and doctor", async () => {
  const key = randomUUID();
  await elect(key);
  await withStore(async (store) => {
    const signal = AbortSignal.timeout(10_000);
    const clock = { now: () => performance.now() };
    assert((await store.keys?.({ signal, clock }))?.includes(key));
    const own = acquireRequest(key);
    await store.acquire(own);
    const released = releaseOf(store, key);
    await withStore((other) => other.acquire(acquireRequest(key)));
    await store.release(own);
    await released;
  });
  assert.deepEqual(await doctor(), []);
});
const existing = randomUUID();
await elect(existing);
await allow(without("create"));
await claim("create is needed only if there is no Lease", async () => {
  await elect(existing);
  await refusal(elect(randomUUID()));
});
await allow(without("list", "watch"));
await claim("elections work without list and watch, and doctor names them", async () => {
  await elect(existing);
  await elect(randomUUID());
  assert.deepEqual(await doctor(), ["error rights"]);
});
for (const verb of ["get", "update"]) {
  await allow(without(verb));
  await claim(`${verb} is needed`, () => refusal(elect(existing)));
}
await allow(without("create"), existing);
await claim("resourceNames may restrict all verbs but create", async () => {
  await elect(existing);
  await withStore(async (store) => {
    const released = releaseOf(store, existing);
    const own = acquireRequest(existing);
    await store.acquire(own);
    await store.release(own);
    await released;
  });
  await refusal(elect(randomUUID()));
});
http.close();
