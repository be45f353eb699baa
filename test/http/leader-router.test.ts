import { once } from "node:events";
import { type IncomingMessage, request as open, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test } from "vitest";
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
  let handled = 0;
  const handler = (request: IncomingMessage, response: ServerResponse) => {
    handled += 1;
    here(request, response);
  };
  const toLeader = httpToLeader(elector, handler, { wait: 100, onError, ...options });
  const ended: Promise<void>[] = [];
  const url = await listen((request, response) => {
    const end = toLeader(request, response);
    end.catch(() => {});
    ended.push(end);
  });
  return {
    ...{ store, elector, errors, toLeader, url },
    handled: () => handled,
    /** Waits until nothing goes on for the requests that came so far. Rejects if that has failed. */
    over: () => Promise.all(ended),
  };
}

/** How often the elector is asked to watch who leads. */
function countObservations(elector: Elector): () => number {
  let count = 0;
  const observe = elector.observe.bind(elector);
  elector.observe = (options) => {
    count += 1;
    return observe(options);
  };
  return () => count;
}

async function ask(url: string, target: string, headers: Record<string, string> = {}) {
  const sending = open(url, { path: target, headers }).end();
  const [response] = await once(sending, "response");
  const { statusCode: status, headers: received } = response as IncomingMessage; // As `once` gets it.
  return { status, headers: received, body: await text(response) };
}

describe("a request that goes nowhere", () => {
  test("is answered in JSON, and only a 503 says when to come again", async () => {
    const { url, handled } = await instance();
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
    expect(handled()).toBe(0);
  });

  test("is answered as soon as its time is over, also if the store is silent", async () => {
    // A leader that ends the connection before it stands, when the time is over.
    const silent = createTcpServer((socket) => {
      socket.on("error", () => {});
      setTimeout(() => socket.destroy(), 150);
    }).listen(0, "127.0.0.1");
    onTestFinished(() => void silent.close());
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo; // It listens on a port.
    const leader = `https://127.0.0.1:${port}`;
    const { url, elector } = await instance({ how: "proxy", wait: 20 }, leader);
    await elector.leader();
    elector.observe = async function* () {
      yield await new Promise<never>(() => {});
    };
    expect(await ask(url, "/")).toMatchObject({
      ...{ status: 503, body: '{"error":"no leader can be reached"}' },
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

  test("is all that becomes of the request", async () => {
    const { url, elector, over, handled } = await instance();
    await elector.leader();
    const observations = countObservations(elector);
    await ask(url, "/x");
    await over();
    expect([observations(), handled()]).toEqual([0, 0]);
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

describe("a proxied request", () => {
  const leaderThat = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
    listen(answer);

  test("is over with its answer, and leaves nothing on the elector", async () => {
    const leader = await leaderThat((_request, response) => response.end("the leader"));
    const { url, elector, over } = await instance({ how: "proxy" }, leader);
    await elector.leader();
    const observations = countObservations(elector);
    let listeners = 0;
    const on = elector.on.bind(elector);
    elector.on = (name, listener) => {
      const unregister = on(name, listener);
      listeners += 1;
      return () => {
        listeners -= 1;
        unregister();
      };
    };
    expect(await ask(url, "/")).toMatchObject({ status: 200, body: "the leader" });
    await over();
    expect([observations(), listeners]).toEqual([0, 0]);
  });

  test("is over when its client has gone", async () => {
    let sending: ReturnType<typeof open> | undefined;
    const leader = await leaderThat(() => sending?.destroy());
    const { url, elector, over } = await instance({ how: "proxy" }, leader);
    await elector.leader();
    const observations = countObservations(elector);
    sending = open(url).end();
    await once(sending, "error").catch(() => {});
    await over();
    expect(observations()).toBe(0);
  });
});

describe("the leader itself", () => {
  test("handles every request, also one without a path, and one that was sent on too often", async () => {
    const { url, elector } = await instance({}, "");
    onTestFinished(async () => void (await elector.stop()));
    await elector.start();
    await elector.waitForLeadership();
    for (const target of ["*", "/?incumbent-hops=20"]) {
      expect(await ask(url, target)).toMatchObject({ status: 200, body: "here" });
    }
  });

  test("has nothing left on the response of a request that has waited", async () => {
    const store = new MemoryStore();
    const elector = new Elector(store, "notes");
    onTestFinished(async () => void (await elector.stop()));
    const listeners: number[] = [];
    const url = await listen(
      httpToLeader(elector, (_request, response) => {
        listeners.push(response.listenerCount("close"));
        response.end();
      }),
    );
    const observations = countObservations(elector);
    const waiting = ask(url, "/");
    await expect.poll(observations).toBe(1);
    // It waits on while another comes and goes.
    expect(await ask(url, "*")).toMatchObject({ status: 400 });
    await elector.start();
    expect(await waiting).toMatchObject({ status: 200 });
    await ask(url, "/");
    expect(listeners).toEqual([listeners[1], listeners[1]]);
  });
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
