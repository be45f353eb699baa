import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import express from "express";
import fastify from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { expressFence } from "../../src/fencing/express-fence.ts";
import { fastifyFence } from "../../src/fencing/fastify-fence.ts";
import { type Fence, MemoryFence } from "../../src/fencing/fence.ts";
import {
  type FenceOptions,
  fencedRequest,
  type HttpRequest,
} from "../../src/fencing/fence-check.ts";
import { httpFence } from "../../src/fencing/http-fence.ts";

/** Starts a server whose answer to an admitted request is its token. Resolves with its address. */
type Start = (options: FenceOptions) => Promise<string>;

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on a port.
  return `http://127.0.0.1:${port}`;
}

const tokenOf = (request: HttpRequest) => String(fencedRequest(request).token);

const frameworks: [name: string, start: Start][] = [
  [
    "Node's http",
    (options) => listen(httpFence(options, (request, response) => response.end(tokenOf(request)))),
  ],
  [
    "Express",
    (options) => {
      const app = express();
      app.use(expressFence(options), (request, response) => void response.send(tokenOf(request)));
      return listen(app);
    },
  ],
  [
    "Fastify",
    async (options) => {
      const app = fastify();
      onTestFinished(() => app.close());
      app.addHook("onRequest", fastifyFence(options));
      app.post("/", async (request) => tokenOf(request));
      return app.listen({ port: 0, host: "127.0.0.1" });
    },
  ],
];

async function send(url: string, token?: string, header = "fencing-token") {
  const headers: Record<string, string> = token === undefined ? {} : { [header]: token };
  const response = await fetch(url, { method: "POST", headers });
  return { status: response.status, body: await response.text() };
}

/** A refusal, as the receiver's callers see it. */
async function refusalOf(url: string, token?: string) {
  const headers: Record<string, string> = token === undefined ? {} : { "fencing-token": token };
  const response = await fetch(url, { method: "POST", headers });
  const type = response.headers.get("content-type")?.split(";")[0];
  return { status: response.status, type, body: await response.json() };
}

describe.each(frameworks)("a fence for %s", (_name, start) => {
  test("passes on a token that is not smaller than the largest it has seen", async () => {
    const url = await start({ resource: "billing" });
    for (const token of ["5", "5", "7"]) {
      expect(await send(url, token)).toEqual({ status: 200, body: token });
    }
    const { status, body } = await send(url, "6");
    expect(status).toBe(412);
    expect(JSON.parse(body)).toEqual({ error: "a later leader was here", token: 6, newest: 7 });
    expect(await send(url, "7")).toEqual({ status: 200, body: "7" });
  });

  test("asks for a token if there is none", async () => {
    const url = await start({ resource: "billing", header: "X-Token" });
    expect(await refusalOf(url, "7")).toEqual({
      ...{ status: 428, type: "application/json" },
      body: { error: "the header x-token is missing" },
    });
    expect(await send(url, "7", "x-token")).toMatchObject({ status: 200 });
  });

  test.each(["x", "-1", "7, 8", "1e3"])("refuses a header like %j", async (value) => {
    const url = await start({ resource: "billing" });
    expect(await refusalOf(url, value)).toEqual({
      ...{ status: 400, type: "application/json" },
      body: { error: "the header fencing-token is not a token" },
    });
    expect(await send(url, "1")).toMatchObject({ status: 200 });
  });

  test("compares tokens for the same resource alone", async () => {
    const url = await start({ resource: ({ headers }) => String(headers["x-resource"]) });
    const sendTo = async (resource: string, token: string) => {
      const headers = { "x-resource": resource, "fencing-token": token };
      return (await fetch(url, { method: "POST", headers })).status;
    };
    expect(await sendTo("a", "7")).toBe(200);
    expect(await sendTo("b", "6")).toBe(200);
    expect(await sendTo("a", "6")).toBe(412);
  });

  test("answers 503 and reports why if the fence fails", async () => {
    const failure = new Error("unreachable");
    const errors: unknown[] = [];
    const fence: Fence = { raise: () => Promise.reject(failure) };
    const url = await start({ resource: "billing", fence, onError: (error) => errors.push(error) });
    expect(await refusalOf(url, "7")).toEqual({
      ...{ status: 503, type: "application/json" },
      body: { error: "the fence does not answer" },
    });
    expect(errors).toEqual([failure]);
  });
});

describe("a request that was admitted", () => {
  test("is the newest until a larger token was seen", async () => {
    const fence = new MemoryFence();
    const answers: boolean[] = [];
    const handler = httpFence({ resource: "billing", fence }, async (request, response) => {
      const fenced = fencedRequest(request);
      answers.push(await fenced.isNewest());
      fence.raise("billing", 8);
      answers.push(await fenced.isNewest());
      response.end();
    });
    await send(await listen(handler), "7");
    expect(answers).toEqual([true, false]);
  });

  test("is not one that passed no fence", () => {
    expect(() => fencedRequest({ headers: {} })).toThrow(
      /^request must have passed a fence before.*expressFence\(\{ resource: "billing" \}\)/,
    );
  });
});

test.each(["onRequest", "preParsing", "preValidation", "preHandler"] as const)(
  "a refused request gets no further in Fastify while a hook is at work on the answer (%s)",
  async (hook) => {
    const app = fastify();
    onTestFinished(() => app.close());
    app.addHook("onSend", async () => void (await turn()));
    const handled: string[] = [];
    app.post("/", { [hook]: fastifyFence({ resource: "billing" }) }, async ({ headers }) => {
      handled.push(String(headers["fencing-token"]));
      return "done";
    });
    const url = await app.listen({ port: 0, host: "127.0.0.1" });
    const statuses: number[] = [];
    for (const token of ["7", "6", "x", undefined]) statuses.push((await send(url, token)).status);
    expect(statuses).toEqual([200, 412, 400, 428]);
    expect(handled).toEqual(["7"]);
  },
);

test("a request that was answered while the fence was asked is not answered again", async () => {
  const admitting: Promise<void>[] = [];
  const answering = (answer: () => void): Fence => ({
    raise: async (_resource, token) => {
      answer();
      return token + 1;
    },
  });
  const onHttp = await listen((request, response) => {
    const fence = answering(() => response.writeHead(504).end());
    admitting.push(httpFence({ resource: "billing", fence }, () => {})(request, response));
  });
  const onExpress = await listen((request, response) => {
    const fence = answering(() => response.writeHead(504).end());
    admitting.push(expressFence({ resource: "billing", fence })(request, response, () => {}));
  });
  for (const url of [onHttp, onExpress])
    expect(await send(url, "7")).toMatchObject({ status: 504 });
  expect(await Promise.all(admitting)).toEqual([undefined, undefined]);
});

describe("options", () => {
  test.each([
    [undefined, /^options must be an object.*\{ resource: "billing" \}/],
    [{}, /^resource must be a string of 1 to 512 bytes.*"billing"/],
    [{ resource: "a\n" }, /^resource must not contain/],
    [{ resource: "a", fence: {} }, /^fence must be a fence.*new RedisFence\(client\)/],
    [{ resource: "a", fence: null }, /^fence must be a fence/],
    [{ resource: "a", fence: () => 7 }, /^fence must be a fence/],
    [{ resource: "a", header: "a b" }, /^header must be the name of an HTTP header/],
    [{ resource: "a", onError: 1 }, /^onError must be a function.*console\.error/],
    [{ resource: "a", heder: "x" }, /^option "heder" is not known; did you mean "header"/],
  ])("like %j are refused", (options, message) => {
    const handler = () => {};
    expect(() => httpFence(options as FenceOptions, handler)).toThrow(message);
    expect(() => expressFence(options as FenceOptions)).toThrow(message);
    expect(() => fastifyFence(options as FenceOptions)).toThrow(message);
  });

  test("need a handler on Node's http", () => {
    expect(() => httpFence({ resource: "a" }, undefined as never)).toThrow(
      /^handler must be.*response\.end\(\)/,
    );
  });
});
