import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request as open } from "node:http";
import { createServer as createTlsServer, request as openTls } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { Elector } from "../../src/elector/elector.ts";
import { httpToLeader } from "../../src/http/node-http.ts";
import type { ToLeaderOptions } from "../../src/http/to-leader-options.ts";
import { MemoryStore } from "../../src/stores/memory/memory-store.ts";
import { makeAuthority } from "../support/certificates.ts";
import { acquireRequest } from "../support/requests.ts";
import { listen } from "./servers.ts";

/** A proxy that finds the leader at this address, and takes no part. */
async function proxyTo(leader: string, options: ToLeaderOptions = {}) {
  const store = new MemoryStore();
  const held = acquireRequest("notes", { metadata: leader, ttl: 60_000 });
  await store.acquire(held);
  const elector = new Elector(store, "notes");
  onTestFinished(async () => void (await elector.stop()));
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const toLeader = httpToLeader(elector, (_request, response) => response.end("here"), {
    ...{ how: "proxy", wait: 100, onError },
    ...options,
  });
  return { store, held, elector, errors, toLeader };
}

/** A certificate that no client trusts by itself. */
function untrusted() {
  const folder = mkdtempSync(join(tmpdir(), "incumbent-proxy-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const { ca, sign } = makeAuthority(folder);
  return { ca, ...sign("localhost", "IP:127.0.0.1") };
}

async function listenTls(
  certificate: ReturnType<typeof untrusted>,
  listener: Parameters<typeof listen>[0],
): Promise<string> {
  const server = createTlsServer(certificate, listener).listen(0, "127.0.0.1");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // It listens on a port.
  return `https://127.0.0.1:${port}`;
}

describe("an answer of the leader", () => {
  test("may take longer than the timeout once it has begun", async () => {
    const leader = await listen((_request, response) => {
      response.write("first ");
      setTimeout(() => response.end("second"), 1200);
    });
    const { toLeader, errors } = await proxyTo(leader, { timeout: 500 });
    const answer = await fetch(await listen(toLeader));
    expect(await answer.text()).toBe("first second");
    expect(errors).toEqual([]);
  });

  test("that breaks off breaks off for the client, and is reported once", async () => {
    const leader = await listen((request, response) => {
      response.write("first ", () => request.socket.destroy());
    });
    const { toLeader, errors } = await proxyTo(leader);
    const answer = await fetch(await listen(toLeader));
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]).toBeInstanceOf(Error);
  });

  test("ends with the client that goes away from it, which is no error", async () => {
    let close = () => {};
    const closed = new Promise<void>((resolve) => {
      close = resolve;
    });
    const leader = await listen((_request, response) => {
      response.on("close", close);
      response.write("first ");
    });
    const { toLeader, errors } = await proxyTo(leader);
    const controller = new AbortController();
    const answer = await fetch(await listen(toLeader), { signal: controller.signal });
    controller.abort();
    await expect(answer.text()).rejects.toThrow("abort");
    await closed;
    expect(errors).toEqual([]);
  });

  test("has no header that was for the leader's connection only", async () => {
    const leader = await listen((_request, response) => {
      const headers = { connection: "X-Hop ,close,x-other, x-third", "x-hop": "1" };
      const others = { "x-other": "1", "x-third": "1", "proxy-authenticate": "Basic" };
      const own = { "keep-alive": "timeout=7", "x-own": "1" };
      response.writeHead(200, { ...headers, ...others, ...own }).end();
    });
    const { toLeader } = await proxyTo(leader);
    const { headers } = await fetch(await listen(toLeader));
    expect([...headers.keys()]).toContain("x-own");
    for (const name of ["x-hop", "x-other", "x-third"]) {
      expect([...headers.keys()]).not.toContain(name);
    }
    expect([...headers.keys()]).not.toContain("proxy-authenticate");
    expect(headers.get("keep-alive")).not.toBe("timeout=7");
  });

  test("may come before it has read the whole request", async () => {
    const leader = await listen((request, response) => {
      response.writeHead(413, { connection: "close" }).end("too large");
      request.destroy();
    });
    const { toLeader } = await proxyTo(leader);
    const body = "x".repeat(1_000_000);
    const rejections: unknown[] = [];
    const onRejection = (error: unknown) => rejections.push(error);
    process.on("unhandledRejection", onRejection);
    onTestFinished(() => void process.off("unhandledRejection", onRejection));
    const url = await listen(toLeader);
    await fetch(url, { method: "POST", body }).catch(() => {});
    expect(rejections).toEqual([]);
  });
});

describe("a request that is sent on", () => {
  test("has no header that was for its client's connection only", async () => {
    const heard: Record<string, unknown>[] = [];
    const leader = await listen((request, response) => {
      heard.push(request.headers);
      request.resume();
      response.end();
    });
    const { toLeader } = await proxyTo(leader);
    const own = {
      ...{ "proxy-connection": "keep-alive", te: "trailers", trailer: "x-sum", upgrade: "h2c" },
      ...{ expect: "100-continue", "proxy-authorization": "Basic aHVzaA==" },
    };
    const connection = { connection: "keep-alive", "transfer-encoding": "chunked" };
    const sending = open(await listen(toLeader), {
      ...{ method: "POST", headers: { ...own, ...connection, "x-own": "1" } },
    });
    sending.end("body");
    const [answer] = await once(sending, "response");
    answer.resume();
    expect(heard).toHaveLength(1);
    for (const name of Object.keys(own)) expect(heard[0]).not.toHaveProperty(name);
    expect(heard[0]).toMatchObject({
      ...{ connection: "close", "x-own": "1", "x-forwarded-for": "127.0.0.1" },
    });
  });

  test("by a client of HTTP/1.0 names no host, and is answered without chunks", async () => {
    const heard: Record<string, unknown>[] = [];
    const leader = await listen((request, response) => {
      heard.push(request.headers);
      response.write("first ");
      response.end("second");
    });
    const { toLeader } = await proxyTo(leader);
    const { port } = new URL(await listen(toLeader));
    const socket = connect(Number(port), "127.0.0.1");
    socket.write("GET /x HTTP/1.0\r\n\r\n");
    const answer = await text(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer.split("\r\n\r\n")[1]).toBe("first second");
    expect(heard[0]).not.toHaveProperty("x-forwarded-host");
  });
});

describe("over TLS", () => {
  test("a leader that can be trusted answers", async () => {
    // What is trusted is decided when a connection is made.
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    onTestFinished(() => void vi.unstubAllEnvs());
    const leader = await listenTls(untrusted(), (_request, response) => response.end("the leader"));
    const { toLeader, errors } = await proxyTo(leader);
    const answer = await fetch(await listen(toLeader));
    expect([answer.status, await answer.text()]).toEqual([200, "the leader"]);
    expect(errors).toEqual([]);
  });

  test("a leader that cannot be trusted gets nothing", async () => {
    let count = 0;
    const leader = await listenTls(untrusted(), (_request, response) => {
      count += 1;
      response.end();
    });
    const { toLeader, errors } = await proxyTo(leader);
    const answer = await fetch(await listen(toLeader));
    expect([answer.status, await answer.text()]).toEqual([
      503,
      '{"error":"no leader can be reached"}',
    ]);
    expect([count, errors]).toEqual([0, []]);
  });

  test("a request is said to have come so", async () => {
    const leader = await listen((request, response) => {
      response.end(request.headers["x-forwarded-proto"]);
    });
    const certificate = untrusted();
    const { toLeader } = await proxyTo(leader);
    const url = await listenTls(certificate, toLeader);
    const [answer] = await once(openTls(url, { ca: certificate.ca }).end(), "response");
    expect(await text(answer)).toBe("https");
  });

  test("a leader that never completes its handshake is given up when another process leads", async () => {
    const sockets = new Set<{ destroy(): void }>();
    let connect = () => {};
    const connected = new Promise<void>((resolve) => {
      connect = resolve;
    });
    const silent = createTcpServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      connect();
    }).listen(0, "127.0.0.1");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo; // It listens on a port.
    const { store, held, elector, toLeader } = await proxyTo(`https://127.0.0.1:${port}`, {
      wait: 30_000,
    });
    await elector.start();
    await elector.settled();
    const answer = fetch(await listen(toLeader));
    await connected;
    await store.release(held);
    expect(await (await answer).text()).toBe("here");
  });
});
