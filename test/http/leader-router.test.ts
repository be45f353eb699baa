import { once } from "node:events";
import { type IncomingMessage, request as open, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { httpToLeader } from "../../src/http/node-http.ts";
import type { ToLeaderOptions } from "../../src/http/to-leader-options.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { acquireRequest } from "../support/requests.ts";
import { listen } from "./servers.ts";

const LEADER = "http://10.0.0.7:8080";
const here = (_request: IncomingMessage, response: ServerResponse) => response.end("here");

/** An instance that takes no part, and knows this leader, if there is one. */
async function instance(options: ToLeaderOptions = {}, metadata: string | undefined = LEADER) {
  const store = new MemoryStore();
  if (metadata !== "") {
    await store.acquire(acquireRequest("notes", { metadata, ttl: 60_000, nodeId: "leader" }));
  }
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const elector = new Elector(store, "notes");
  const toLeader = httpToLeader(elector, here, { wait: 100, onError, ...options });
  return { store, elector, errors, toLeader, url: await listen(toLeader) };
}

async function ask(url: string, target: string, headers: Record<string, string> = {}) {
  const sending = open(url, { path: target, headers }).end();
  const [response] = await once(sending, "response");
  const { statusCode: status, headers: received } = response as IncomingMessage; // As `once` gets it.
  return { status, headers: received, body: await text(response) };
}

describe("a request that goes nowhere", () => {
  test("is answered in JSON, and only a 503 says when to come again", async () => {
    const { url } = await instance();
    const pathless = await ask(url, "*");
    expect(pathless).toMatchObject({ status: 400, body: '{"error":"the request has no path"}' });
    expect(pathless.headers).toMatchObject({ "content-type": "application/json" });
    expect(pathless.headers).not.toHaveProperty("retry-after");
    const lost = await ask(url, "/", { "incumbent-hops": "3" });
    expect(lost).toMatchObject({
      status: 503,
      body: '{"error":"no leader was found in 3 hops"}',
      headers: { "content-type": "application/json", "retry-after": "1" },
    });
  });

  test("is answered at once if it may not wait", async () => {
    const { url } = await instance({ wait: 0 }, "");
    expect(await ask(url, "/")).toMatchObject({
      status: 503,
      body: '{"error":"no leader is known"}',
    });
  });

  test("by an address that cannot be made is reported with what was thrown", async () => {
    const failure = new Error("no address book");
    const { url, errors } = await instance({
      address: () => {
        throw failure;
      },
    });
    expect(await ask(url, "/")).toMatchObject({
      status: 502,
      body: '{"error":"the request cannot be sent to the leader"}',
    });
    expect(errors).toEqual([failure]);
  });
});

describe("a redirect", () => {
  test("has no body, is not kept, and counts on from what came", async () => {
    const { url } = await instance();
    const { status, headers, body } = await ask(url, "/x?incumbent-hops=1&a=b");
    expect([status, body]).toEqual([307, ""]);
    expect(headers).toMatchObject({
      location: `${LEADER}/x?a=b&incumbent-hops=2`,
      "cache-control": "no-store",
      "content-length": "0",
    });
  });

  test("is for as many hops as the option says, and no more", async () => {
    const { url } = await instance({ hops: 1 });
    expect(await ask(url, "/")).toMatchObject({ status: 307 });
    expect(await ask(url, "/?incumbent-hops=1")).toMatchObject({ status: 503 });
  });
});

test("a request whose client has gone while it waits is not answered, and not waited for", async () => {
  const { url, elector, errors } = await instance({ wait: 60_000 }, "");
  let reads = 0;
  const observe = elector.observe.bind(elector);
  const ended = new Promise<void>((resolve) => {
    elector.observe = (options) => {
      reads += 1;
      options?.signal?.addEventListener("abort", () => resolve());
      return observe(options);
    };
  });
  const sending = open(url).end();
  sending.on("error", () => {});
  await expect.poll(() => reads).toBe(1);
  sending.destroy();
  await ended;
  expect(errors).toEqual([]);
});

test("a body that was read before is no hindrance if there was none", async () => {
  const leader = await listen((_request, response) => response.end("the leader"));
  const { toLeader } = await instance({ how: "proxy" }, leader);
  const url = await listen(async (request, response) => {
    await text(request);
    await toLeader(request, response);
  });
  expect(await ask(url, "/")).toMatchObject({ status: 200, body: "the leader" });
  expect(await ask(url, "/", { "content-length": "0" })).toMatchObject({ status: 200 });
});
