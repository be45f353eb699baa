import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoreError } from "../../../src/errors.ts";
import type { StoreRequest } from "../../../src/stores/lease-store.ts";
import { freePort } from "../../support/free-port.ts";
import { KubernetesServer } from "../../support/kubernetes-server.ts";
import { storeOn } from "./stores.ts";

let server: KubernetesServer;

beforeEach(async () => {
  server = await new KubernetesServer().start();
});
afterEach(() => server.stop());

const clock = { now: () => performance.now() };

function request(signal = new AbortController().signal): StoreRequest {
  return { key: "billing", clock, notAfter: clock.now() + 60_000, signal };
}

/** How a read fails, or a write if it must be one. */
async function failure(
  where: { readonly url: string; readonly token: string } = server,
  namespace = "default",
  write = false,
): Promise<StoreError> {
  const store = storeOn(where, { namespace, restartGuard: false });
  const wish = { ...request(), nonce: "n", nodeId: "n", metadata: undefined, ttl: 1000, above: 0 };
  const asked = write ? store.acquire(wish) : store.read(request());
  const error = await asked.then(
    () => undefined,
    (reason: StoreError) => reason,
  );
  await store.close();
  if (error === undefined) throw new Error("the request was carried out");
  return error;
}

test("a user without rights learns which ones are needed", async () => {
  server.intercept = () => 403;
  const error = await failure();
  expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
  expect(error.message).toContain(
    `namespace "default", with a Role and a RoleBinding: rules: [{apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update", "list", "watch"]}]`,
  );
});

test("a namespace that is not there is named", async () => {
  const error = await failure(server, "nowhere", true);
  expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
  expect(error.message).toContain('Create the namespace "nowhere", or name another in the URL');
});

test("credentials that are refused are not shown", async () => {
  const { url } = server;
  const error = await failure({ url, token: "wrong-secret" });
  expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
  expect(error.message).toContain("Check the token");
  expect(`${error.message} ${error.detail} ${error.cause}`).not.toContain("wrong-secret");
});

test("a user that is throttled is refused, and nothing was done", async () => {
  server.intercept = () => 429;
  const error = await failure(server, "default", true);
  expect(error).toMatchObject({ code: "INCUMBENT_STORE_REFUSED", applied: "no" });
  expect(error.message).toContain("longer ttl");
});

describe("a write", () => {
  test("that the API server fails to carry out may have been carried out", async () => {
    server.intercept = (verb) => (verb === "POST" ? 504 : undefined);
    const error = await failure(server, "default", true);
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" });
  });

  test("that the API server does not understand was not", async () => {
    server.intercept = (verb) => (verb === "POST" ? 422 : undefined);
    const error = await failure(server, "default", true);
    expect(error).toMatchObject({ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" });
  });
});

test("a server that is not there is out of reach, and nothing was sent", async () => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const error = await failure({ url, token: "secret" });
  expect(error).toMatchObject({ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" });
  expect(error.detail).toBe("connection refused");
});

test("a request that is given up ends its connection", async () => {
  const store = storeOn(server);
  const { read } = { read: new AbortController() };
  server.intercept = () => {
    read.abort();
    return 500;
  };
  const asked = store.read(request(read.signal));
  await expect(asked).rejects.toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT" });
  await store.close();
});

test("a request that was given up before is not sent", async () => {
  const store = storeOn(server);
  const asked = store.read(request(AbortSignal.abort()));
  await expect(asked).rejects.toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" });
  expect(server.requests).toEqual([]);
  await store.close();
});
