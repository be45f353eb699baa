import express from "express";
import fastify from "fastify";
import { describe, expect, onTestFinished, test } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { expressPages, expressToLeader } from "../../src/http/express.ts";
import { fastifyPages, fastifyToLeader } from "../../src/http/fastify.ts";
import { httpPages, httpToLeader } from "../../src/http/node-http.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { deserted, listen } from "./servers.ts";

/** What a handler saw of a request. */
interface Seen {
  readonly by: string;
  readonly url: string;
  readonly query: unknown;
  readonly body: string;
}

/** Starts an instance whose writes at `/notes` are the leader's. Resolves with its address. */
type Start = (electorAt: (url: string) => Elector, how: "redirect" | "proxy") => Promise<string>;

async function bodyOf(request: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

const queryOf = (url = "") => Object.fromEntries(new URL(url, "http://a").searchParams);

const frameworks: [name: string, start: Start][] = [
  [
    "Node's http",
    async (electorAt, how) => {
      let listener = (..._: Parameters<ReturnType<typeof httpPages>>): unknown => undefined;
      const url = await listen((request, response) => void listener(request, response));
      const elector = electorAt(url);
      const write = httpToLeader(
        elector,
        async (request, response) => {
          const { url = "" } = request;
          const seen = {
            by: elector.nodeId,
            url,
            query: queryOf(url),
            body: await bodyOf(request),
          };
          response.end(JSON.stringify(seen));
        },
        { how },
      );
      listener = httpPages(elector, write);
      return url;
    },
  ],
  [
    "Express",
    async (electorAt, how) => {
      const app = express();
      const url = await listen(app);
      const elector = electorAt(url);
      app.use(expressPages(elector));
      const router = express.Router();
      router.use(expressToLeader(elector, { how }), express.text());
      router.all("/", (request, response) => {
        const { originalUrl, query } = request;
        const body = typeof request.body === "string" ? request.body : "";
        response.send(JSON.stringify({ by: elector.nodeId, url: originalUrl, query, body }));
      });
      app.use("/notes", router);
      return url;
    },
  ],
  [
    "Fastify",
    async (electorAt, how) => {
      const app = fastify();
      onTestFinished(() => app.close());
      let elector: Elector | undefined;
      let pages: ReturnType<typeof fastifyPages> | undefined;
      let toLeader: ReturnType<typeof fastifyToLeader> | undefined;
      app.addHook("onRequest", async (request, reply) => pages?.(request, reply));
      app.route({
        method: ["GET", "POST", "DELETE"],
        url: "/notes",
        onRequest: async (request, reply) => toLeader?.(request, reply),
        handler: async ({ url, query, body }) =>
          JSON.stringify({ by: elector?.nodeId, url, query, body: body ?? "" }),
      });
      const url = await app.listen({ port: 0, host: "127.0.0.1" });
      elector = electorAt(url);
      pages = fastifyPages(elector);
      toLeader = fastifyToLeader(elector, { how });
      return url;
    },
  ],
];

describe.each(frameworks)("an instance behind %s", (_name, start) => {
  /** A leader and a follower, each behind its own server. */
  async function pair(how: "redirect" | "proxy") {
    const store = new MemoryStore();
    const electors: Elector[] = [];
    const electorAt = (url: string) => {
      const elector = new Elector(store, "notes", {
        nodeId: `node ${electors.length}`,
        metadata: url,
      });
      electors.push(elector);
      return elector;
    };
    const urls: string[] = [];
    for (let count = 0; count < 2; count += 1) {
      urls.push(await start(electorAt, how));
      await electors.at(-1)?.start();
      await electors.at(-1)?.settled();
    }
    onTestFinished(async () => {
      await Promise.all(electors.map((elector) => elector.stop()));
    });
    const [leader = "", follower = ""] = urls;
    return { leader, follower, electors };
  }

  const post = (url: string, redirect: RequestInit["redirect"] = "follow") =>
    fetch(url, {
      method: "POST",
      body: "hello",
      headers: { "content-type": "text/plain" },
      redirect,
    });

  const seen = async (response: Response) => (await response.json()) as Seen; // A handler above made it.

  test("answers /livez, /readyz and /leader as the command does, and other paths itself", async () => {
    const { leader, follower } = await pair("redirect");
    expect(await (await fetch(`${follower}/livez`)).text()).toBe("alive\n");
    expect(await (await fetch(`${follower}/readyz?verbose`)).text()).toBe("ready\n");
    const known = await fetch(`${leader}/leader`);
    expect(known.status).toBe(200);
    expect(await known.json()).toMatchObject({ key: "notes", leader: { metadata: leader } });
    expect((await fetch(`${follower}/leader`)).status).toBe(503);
    const refused = await fetch(`${leader}/livez`, { method: "POST" });
    expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    const head = await fetch(`${leader}/livez`, { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, "6"]);
    expect(await seen(await post(`${leader}/notes`))).toMatchObject({ by: "node 0" });
  });

  test("redirects a write to the leader, which gets it as the client sent it", async () => {
    const { leader, follower } = await pair("redirect");
    const answer = await post(`${follower}/notes?a=b&c=d`, "manual");
    expect(answer.status).toBe(307);
    expect(answer.headers.get("location")).toBe(`${leader}/notes?a=b&c=d&incumbent-hops=1`);
    expect(await seen(await post(`${follower}/notes?a=b&c=d`))).toMatchObject({
      by: "node 0",
      query: { a: "b", c: "d" },
      body: "hello",
    });
  });

  test("sends a write on to the leader, and its answer back", async () => {
    const { follower } = await pair("proxy");
    const answer = await post(`${follower}/notes?a=b`, "error");
    expect(answer.status).toBe(200);
    expect(await seen(answer)).toEqual({
      by: "node 0",
      url: "/notes?a=b",
      query: { a: "b" },
      body: "hello",
    });
  });

  test("a write that waits while the leader changes is handled by the next leader", async () => {
    const { leader, follower, electors } = await pair("proxy");
    const [first] = electors;
    expect(await seen(await post(`${leader}/notes`))).toMatchObject({ by: "node 0" });
    await first?.stop();
    // The follower becomes leader, and the former leader has to find out.
    const answers = await Promise.all([post(`${leader}/notes`), post(`${follower}/notes`)]);
    for (const answer of answers) expect(await seen(answer)).toMatchObject({ by: "node 1" });
  });
});

test("a dead leader's requests wait for the next", async () => {
  const store = new MemoryStore();
  const dead = new Elector(store, "notes", { metadata: await deserted() });
  await dead.start();
  await dead.waitForLeadership();
  let listener = (..._: Parameters<ReturnType<typeof httpToLeader>>): unknown => undefined;
  const url = await listen((request, response) => void listener(request, response));
  const elector = new Elector(store, "notes", { metadata: url });
  onTestFinished(async () => void (await elector.stop()));
  let refused = () => {};
  const unreachable = new Promise<void>((resolve) => {
    refused = resolve;
  });
  listener = httpToLeader(elector, (_request, response) => response.end("written"), {
    how: "proxy",
  });
  await elector.start();
  await elector.settled();
  const read = store.read.bind(store);
  // A request that reaches no process asks the store who leads.
  store.read = (request) => {
    refused();
    return read(request);
  };
  const answer = fetch(url, { method: "POST", body: "hello" });
  await unreachable;
  await dead.stop();
  expect(await (await answer).text()).toBe("written");
});
