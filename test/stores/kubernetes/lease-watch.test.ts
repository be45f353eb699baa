import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Timer } from "../../../src/stores/connections/timer.ts";
import { clusterOf } from "../../../src/stores/kubernetes/cluster.ts";
import { KubernetesRegister } from "../../../src/stores/kubernetes/kubernetes-register.ts";
import { KubernetesRequests } from "../../../src/stores/kubernetes/kubernetes-requests.ts";
import type { LeaseCell } from "../../../src/stores/kubernetes/lease-object.ts";
import { KubernetesServer } from "../../support/kubernetes-server.ts";
import { startProxy, type TcpProxy } from "../../support/tcp-proxy.ts";
import { configOf } from "./stores.ts";

const KEY = "billing";
const PATH = `default/${KEY}`;
const free = { spec: { holderIdentity: "" } };

let server: KubernetesServer;
let proxy: TcpProxy;
let register: KubernetesRegister;
let heard: string[];
let unwatch: () => void;
/** Timers that wait for longer than a connection takes; a test fires them. */
let long: (() => void)[];

/** Pauses are as short as can be. */
const timer: Timer = (ms, fire) => {
  if (ms >= 2000) {
    const due = () => fire();
    long.push(due);
    return () => {
      long = long.filter((each) => each !== due);
    };
  }
  const running = setTimeout(fire, 1);
  return () => clearTimeout(running);
};

beforeEach(async () => {
  long = [];
  heard = [];
  server = await new KubernetesServer().start();
  proxy = await startProxy(Number(new URL(server.url).port));
  const url = `http://127.0.0.1:${proxy.port}`;
  const surroundings = { env: {}, serviceAccountFolder: "" };
  const access = clusterOf(configOf({ url, token: server.token }), surroundings);
  register = new KubernetesRegister(new KubernetesRequests(access, "default"), 300_000, timer);
});
afterEach(async () => {
  unwatch();
  await register.close();
  await proxy.close();
  await server.stop();
});

function watch(): void {
  unwatch = register.watch(KEY, {
    onCell: ({ record }: LeaseCell) => {
      heard.push(record === undefined ? "absent" : record.nonce || "free");
    },
    onInterrupted: () => heard.push("interrupted"),
  });
}

const hears = (...all: string[]) =>
  vi.waitFor(() => expect(heard).toEqual(all), { timeout: 20_000 });
const isWatched = () => vi.waitFor(() => expect(server.watchers).toBe(1), { timeout: 20_000 });

describe("a watch", () => {
  test("reports the Lease, then its changes in their order, also that it was deleted", async () => {
    watch();
    await hears("absent");
    await isWatched();
    server.put(PATH, free);
    server.put("default/another", free);
    server.put(PATH, { spec: { holderIdentity: "x" } });
    server.delete(PATH);
    await hears("absent", "free", "foreign x", "absent");
  });

  test("is interrupted when the API server ends it, and goes on with what is there then", async () => {
    server.put(PATH, free);
    watch();
    await hears("free");
    await isWatched();
    server.compact();
    await hears("free", "interrupted", "free");
  });

  test("begins anew if the changes are forgotten by then", async () => {
    server.put(PATH, free);
    watch();
    await hears("free");
    await isWatched();
    server.emit({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
    await hears("free", "interrupted", "free");
    await isWatched();
  });

  test("takes a bookmark for no change, and its absence for a dead connection", async () => {
    server.put(PATH, free);
    watch();
    await hears("free");
    await isWatched();
    server.emit({ type: "BOOKMARK", object: { metadata: { resourceVersion: "200" } } });
    await vi.waitFor(() => expect(long).toHaveLength(1), { timeout: 20_000 });
    expect(heard).toEqual(["free"]);
    long[0]?.();
    await hears("free", "interrupted", "free");
  });

  test("whose connection is dead is noticed when a write fails", async () => {
    const lease = server.put(PATH, free);
    watch();
    await hears("free");
    await isWatched();
    proxy.mode = "swallow";
    server.put(PATH, { spec: { holderIdentity: "x" } });
    await vi.waitFor(() => expect(proxy.swallowed).toBeGreaterThan(0), { timeout: 20_000 });
    proxy.mode = "pass";
    const { signal } = new AbortController();
    const fields = { nodeId: "n", metadata: undefined, since: 0, ttl: 1000, at: 0 };
    const record = { nonce: "n", seq: 1, token: 1, ...fields };
    const version = `${lease.metadata.uid}:${lease.metadata.resourceVersion}`;
    const seen = { version, record: undefined, lease };
    const written = await register.compareAndSet(KEY, seen, record, { signal });
    expect(written.written).toBe(false);
    expect(long).toHaveLength(1);
    long[0]?.();
    await hears("free", "interrupted", "foreign x");
  });

  test("waits for the right to watch", async () => {
    server.put(PATH, free);
    let refusals = 0;
    server.intercept = (verb) => {
      if (verb !== "WATCH" || refusals === 3) return undefined;
      refusals += 1;
      return 403;
    };
    watch();
    await hears("free");
    expect(refusals).toBe(3);
    expect(heard).toEqual(["free"]);
  });

  test("that was ended reports nothing more, and connects to nothing", async () => {
    server.put(PATH, free);
    watch();
    await hears("free");
    await isWatched();
    unwatch();
    await vi.waitFor(() => expect(server.watchers).toBe(0), { timeout: 20_000 });
    server.put(PATH, { spec: { holderIdentity: "x" } });
    expect((await register.read(KEY, { signal: new AbortController().signal })).version).not.toBe(
      "0",
    );
    expect(heard).toEqual(["free"]);
  });
});
