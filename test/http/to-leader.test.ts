import { once } from "node:events";
import { type IncomingMessage, request as open, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { httpPages, httpToLeader } from "../../src/http/node-http.ts";
import type { ToLeaderOptions } from "../../src/http/to-leader-options.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { acquireRequest } from "../support/requests.ts";
import { deserted, listen } from "./servers.ts";

const here = (_request: IncomingMessage, response: ServerResponse) => response.end("here");

/** An instance that takes no part, and finds `metadata` in the store as the address of the leader. */
async function following(
  metadata: string | undefined,
  options: ToLeaderOptions = {},
  nodeId = "self",
) {
  const store = new MemoryStore();
  await store.acquire(acquireRequest("notes", { metadata, ttl: 60_000, nodeId: "leader" }));
  const elector = new Elector(store, "notes", { nodeId });
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const url = await listen(httpToLeader(elector, here, { wait: 100, onError, ...options }));
  return { url, errors, elector, store };
}

async function look(url: string, init: RequestInit = {}) {
  const response = await fetch(url, { redirect: "manual", ...init });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

/** Sends a target that `fetch` would not. */
async function ask(url: string, path: string): Promise<IncomingMessage> {
  const sending = open(url, { path }).end();
  const [response] = await once(sending, "response");
  response.resume();
  return response;
}

describe("the way to the leader", () => {
  test("is found in the store by an instance that takes no part", async () => {
    const { url } = await following("http://10.0.0.7:8080/base/");
    const { status, headers } = await look(`${url}/x?y`);
    expect(status).toBe(307);
    expect(headers.get("location")).toBe("http://10.0.0.7:8080/base/x?y&incumbent-hops=1");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test.each(["//evil.example/x", "/\\evil.example", "http://evil.example/x"])(
    "does not lead to the host in %s",
    async (target) => {
      const { url } = await following("http://10.0.0.7:8080");
      const { headers } = await ask(url, target);
      expect(new URL(headers.location ?? "").host).toBe("10.0.0.7:8080");
    },
  );

  test("is never the instance itself, known by its nodeId or by its address", async () => {
    const same = await following("http://10.0.0.7:8080", {}, "leader");
    expect(await look(same.url)).toMatchObject({
      status: 503,
      body: '{"error":"no leader is known"}',
    });
    expect((await look(same.url)).headers.get("retry-after")).toBe("1");
    const address = () => "http://10.0.0.7:8080";
    expect(await look((await following("x", { address })).url)).toMatchObject({ status: 503 });
  });

  test("comes from `address` if there is one", async () => {
    const address = ({ nodeId }: { nodeId: string }) => `http://${nodeId}.internal:8080`;
    const { url } = await following(undefined, { address });
    const { headers } = await look(`${url}/x`);
    expect(headers.get("location")).toBe("http://leader.internal:8080/x?incumbent-hops=1");
  });

  test.each([
    undefined,
    "10.0.0.7:8080",
    "ftp://10.0.0.7",
    "http://user:secret@10.0.0.7",
    "http://a/?b",
  ])(
    "is unknown if the leader's metadata is %s, which is reported without a password",
    async (metadata) => {
      const { url, errors } = await following(metadata);
      expect(await look(url)).toMatchObject({ status: 502 });
      expect(errors).toEqual([expect.objectContaining({ code: "INCUMBENT_INVALID_OPTION" })]);
      expect(String(errors)).not.toContain("secret");
      expect(String(errors)).toContain("address of the leader must be the http:// or https://");
    },
  );

  test.each(["proxy", "redirect"] as const)(
    "ends after 3 hops (%s) if two instances take each other for the leader",
    async (how) => {
      const counts = [0, 0];
      const urls = await Promise.all(
        counts.map((_, index) =>
          listen((request, response) => {
            counts[index] = (counts[index] ?? 0) + 1;
            void handlers[index]?.(request, response);
          }),
        ),
      );
      const handlers = await Promise.all(
        [...urls].reverse().map(async (other) => {
          const store = new MemoryStore();
          await store.acquire(acquireRequest("notes", { metadata: other, ttl: 60_000 }));
          return httpToLeader(new Elector(store, "notes"), here, { how });
        }),
      );
      const answer = await look(urls[0] ?? "", { redirect: "follow", method: "POST", body: "x" });
      expect(answer).toMatchObject({
        status: 503,
        body: '{"error":"no leader was found in 3 hops"}',
      });
      expect(counts).toEqual([2, 2]);
    },
  );
});

/** An instance on `options` whose `onError` throws, and what its handler rejected with. */
async function withThrowingOnError(metadata: string | undefined, options: ToLeaderOptions = {}) {
  const store = new MemoryStore();
  await store.acquire(acquireRequest("notes", { metadata, ttl: 60_000 }));
  const onError = () => {
    throw new Error("from onError");
  };
  const toLeader = httpToLeader(new Elector(store, "notes"), here, { onError, ...options });
  const rejections: unknown[] = [];
  const url = await listen((request, response) => {
    Promise.resolve(toLeader(request, response)).catch((error) => rejections.push(error));
  });
  return { url, rejections };
}

describe("onError is called last, so the client has its 502 also if it throws", () => {
  test("when the leader ends the connection", async () => {
    const leader = await listen((request) => request.socket.destroy());
    const { url, rejections } = await withThrowingOnError(leader, { how: "proxy" });
    expect(await look(url)).toMatchObject({
      status: 502,
      body: '{"error":"the leader did not answer"}',
    });
    await expect.poll(() => String(rejections)).toContain("from onError");
  });

  test("when the leader has no address", async () => {
    const { url, rejections } = await withThrowingOnError(undefined);
    expect(await look(url)).toMatchObject({ status: 502 });
    await expect.poll(() => String(rejections)).toContain("from onError");
  });
});

describe("a proxy", () => {
  test("passes on method, headers, body and status, but nothing that is for one connection", async () => {
    const heard: IncomingMessage[] = [];
    const leader = await listen(async (request, response) => {
      heard.push(request);
      const body = await text(request);
      response.writeHead(418, { "set-cookie": ["a=1", "b=2"], "x-own": "yes" }).end(body);
    });
    const { url } = await following(leader, { how: "proxy" });
    const sending = open(`${url}/x`, {
      method: "DELETE",
      headers: {
        "transfer-encoding": "chunked",
        connection: "x-private",
        "x-private": "1",
        "x-public": "2",
        "x-forwarded-for": "10.0.0.1",
      },
    });
    sending.write("first ");
    sending.end("second");
    const [answer] = await once(sending, "response");
    expect(await text(answer)).toBe("first second");
    expect(answer.statusCode).toBe(418);
    expect(answer.headers).toMatchObject({ "set-cookie": ["a=1", "b=2"], "x-own": "yes" });
    const [request] = heard;
    expect(request).toMatchObject({ method: "DELETE", url: "/x" });
    expect(request?.headers).toMatchObject({
      "x-public": "2",
      "x-forwarded-for": "10.0.0.1, 127.0.0.1",
      "x-forwarded-host": new URL(url).host,
      "x-forwarded-proto": "http",
      host: new URL(leader).host,
      "incumbent-hops": "1",
    });
    expect(request?.headers).not.toHaveProperty("x-private");
  });

  test("does not repeat a request that the leader may have carried out", async () => {
    let count = 0;
    const leader = await listen((request) => {
      count += 1;
      request.socket.destroy();
    });
    const { url, errors } = await following(leader, { how: "proxy" });
    const answer = await look(url, { method: "POST", body: "x" });
    expect(answer).toMatchObject({ status: 502, body: '{"error":"the leader did not answer"}' });
    expect([count, errors.length]).toEqual([1, 1]);
  });

  test("gives up a leader that is silent for longer than the timeout", async () => {
    const { url, errors } = await following(await listen(() => {}), { how: "proxy", timeout: 50 });
    // If even the connection takes that long, it answers 503.
    await expect.poll(() => look(url)).toMatchObject({ status: 502 });
    expect(String(errors)).toContain("no answer within 50 ms");
  });

  test("answers 503 if no server listens at the leader's address", async () => {
    const { url, errors } = await following(await deserted(), { how: "proxy" });
    const answer = await look(url, { method: "POST", body: "x" });
    expect(answer).toMatchObject({ status: 503, body: '{"error":"no leader can be reached"}' });
    expect(errors).toEqual([]);
  });

  test("ends its request when the client has gone", async () => {
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const controller = new AbortController();
    const leader = await listen((_request, response) => {
      response.on("close", close);
      controller.abort();
    });
    const { url, errors } = await following(leader, { how: "proxy" });
    await expect(look(url, { signal: controller.signal })).rejects.toThrow("abort");
    await closed;
    expect(errors).toEqual([]);
  });

  test("refuses a request whose body was read before", async () => {
    const store = new MemoryStore();
    const metadata = "http://10.0.0.7:8080";
    await store.acquire(acquireRequest("notes", { metadata, ttl: 60_000 }));
    const errors: unknown[] = [];
    const onError = (error: unknown) => errors.push(error);
    const toLeader = httpToLeader(new Elector(store, "notes"), here, { how: "proxy", onError });
    const url = await listen(async (request, response) => {
      await text(request);
      await toLeader(request, response);
    });
    expect(await look(url, { method: "POST", body: "x" })).toMatchObject({ status: 502 });
    expect(String(errors)).toContain("body of the request must not have been read");
    expect(String(errors)).toContain(
      "Example: app.use(expressToLeader(elector)) before app.use(express.json()).",
    );
  });
});

test("a request waits for the first leader, also if this process becomes it", async () => {
  const store = new MemoryStore();
  const elector = new Elector(store, "notes", { metadata: "http://127.0.0.1:1" });
  onTestFinished(async () => void (await elector.stop()));
  const url = await listen(httpToLeader(elector, here));
  const answer = look(url);
  await elector.start();
  expect(await answer).toMatchObject({ status: 200, body: "here" });
});

test("requests that wait together ask the store together", async () => {
  const store = new MemoryStore();
  let reads = 0;
  const read = store.read.bind(store);
  store.read = (request) => {
    reads += 1;
    return read(request);
  };
  const url = await listen(httpToLeader(new Elector(store, "notes"), here, { wait: 300 }));
  const answers = await Promise.all(Array.from({ length: 20 }, () => look(url)));
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 503));
  expect(reads).toBeLessThan(20);
});

describe("a wrong option", () => {
  const elector = new Elector(new MemoryStore(), "notes");
  const bad = (options: object) => () => httpToLeader(elector, here, options);

  test.each([
    [{ how: "teleport" }, "how must be"],
    [{ wait: -1 }, "wait must be a whole number"],
    [{ hops: 0 }, "hops must be a whole number"],
    [{ timeout: 0 }, "timeout must be a whole number"],
    [{ adress: () => "" }, 'did you mean "address"?'],
    [{ address: "http://a" }, "address must be a function"],
    [{ onError: 1 }, "onError must be a function"],
  ])("is named: %j", (options, text) => {
    expect(bad(options)).toThrow(text);
  });

  test("is also an elector whose metadata is no address, no elector, and no handler", () => {
    const named = new Elector(new MemoryStore(), "notes", { metadata: "eu-1" });
    expect(() => httpToLeader(named, here)).toThrow(
      "metadata must be the http:// or https:// address",
    );
    expect(() => httpToLeader({} as Elector, here)).toThrow("elector must be an Elector"); // Wrong on purpose.
    const noHandler = undefined as unknown as typeof here; // Wrong on purpose.
    const refused =
      /^handler must be a function; .* Example: \(request, response\) => response\.end\(\)\.$/;
    expect(() => httpToLeader(elector, noHandler)).toThrow(refused);
    expect(() => httpPages(elector, noHandler)).toThrow(refused);
  });
});
