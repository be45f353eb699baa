import { getEventListeners } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import {
  type AddressInfo,
  createServer as createListener,
  type Server as Listener,
  Socket,
} from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { HttpClient, linesOf } from "../../../src/stores/http/http-client.ts";
import { makeAuthority } from "../../support/certificates.ts";
import { freePort } from "../../support/free-port.ts";

let ended: (Server | Listener)[] = [];
let client = new HttpClient("the server");

afterEach(() => {
  client.close();
  client = new HttpClient("the server");
  for (const server of ended) server.close();
  ended = [];
});

async function listen(server: Server | Listener, scheme = "http"): Promise<URL> {
  ended.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // It listens on a port.
  return new URL(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const forever = () => ({ signal: new AbortController().signal });

describe("a request over HTTP", () => {
  test("is sent once, and its reply is whole", async () => {
    let received = "";
    const url = await listen(
      createServer(async (request, response) => {
        for await (const piece of request) received += String(piece);
        response.writeHead(201).end("ä".repeat(100_000));
      }),
    );
    const { status, text } = await client.send({ method: "POST", url, body: "x" }, forever());
    expect([status, text.length, received]).toEqual([201, 100_000, "x"]);
  });

  test("to a closed port had no effect", async () => {
    const url = new URL(`http://127.0.0.1:${await freePort()}/`);
    await expect(client.send({ method: "GET", url }, forever())).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" },
      message: expect.stringContaining("Cannot reach the server"),
    });
  });

  test("whose connection breaks without a reply may have had one", async () => {
    const url = await listen(
      createListener((socket) => socket.once("data", () => socket.destroy())),
    );
    await expect(client.send({ method: "GET", url }, forever())).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
      message: expect.stringContaining("if the server expects TLS at this port"),
    });
  });

  test("that is given up may have had one, but not before it has a connection", async () => {
    const silent = await listen(createListener((socket) => socket.on("error", () => {})));
    for (const [scheme, applied] of [
      ["http", "maybe"],
      // The handshake is never answered.
      ["https", "no"],
    ] as const) {
      const giveUp = new AbortController();
      const url = new URL(silent.href.replace("http", scheme));
      const asked = client.send({ method: "GET", url }, giveUp);
      const answer = expect(asked).rejects.toMatchObject({
        ...{ code: "INCUMBENT_STORE_TIMEOUT", applied },
      });
      await new Promise<void>((resolve) => {
        ended[0]?.once("connection", (socket) => socket.once("data", () => resolve()));
      });
      giveUp.abort();
      await answer;
    }
  });

  test("to a server that speaks no TLS is a setting that is wrong", async () => {
    const url = await listen(createServer(), "https");
    await expect(client.send({ method: "GET", url }, forever())).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
    });
  });

  test("works again after the client was closed, and fails if it was under way", async () => {
    let answers = false;
    const url = await listen(
      createServer((_, response) => {
        if (answers) response.end("here");
        else client.close();
      }),
    );
    await expect(client.send({ method: "GET", url }, forever())).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
    });
    answers = true;
    expect(await client.send({ method: "GET", url }, forever())).toMatchObject({ text: "here" });
  });
});

describe("a connection", () => {
  test("is kept for the next request, until the client is closed", async () => {
    const ports: unknown[] = [];
    const url = await listen(
      createServer(({ socket }, response) => {
        ports.push(socket.remotePort);
        response.end();
      }),
    );
    const ask = () => client.send({ method: "GET", url }, forever());
    for (const again of [ask, ask]) await again();
    client.close();
    await ask();
    expect(ports[0]).toBe(ports[1]);
    expect(ports[2]).not.toBe(ports[0]);
  });

  test("is probed when it has been silent for a second, from the first request on", async () => {
    const probed = vi.spyOn(Socket.prototype, "setKeepAlive");
    onTestFinished(() => probed.mockRestore());
    let before: unknown[] = [];
    const url = await listen(
      createServer((_, response) => {
        // Node.js does the same when it keeps a connection after the reply.
        before = [...probed.mock.calls];
        response.end();
      }),
    );
    await client.send({ method: "GET", url }, forever());
    expect(before).toContainEqual([true, 1000]);
  });

  test("that is used again may have brought the request to the server", async () => {
    let requests = 0;
    const url = await listen(
      createServer(({ socket }, response) => {
        requests += 1;
        if (requests === 1) response.end();
        else socket.destroy();
      }),
    );
    await client.send({ method: "GET", url }, forever());
    await expect(client.send({ method: "GET", url }, forever())).rejects.toMatchObject({
      applied: "maybe",
      message: expect.not.stringContaining("expects TLS"),
    });
  });

  test("carries what is asked, and leaves nothing on the signal", async () => {
    const heard: unknown[] = [];
    const url = await listen(
      createServer(({ method, url: path, headers }, response) => {
        heard.push(method, path, headers["x-own"]);
        response.writeHead(404).end("nothing");
      }),
    );
    const wait = forever();
    const asked = { method: "PUT", url: new URL("/v1/kv", url), headers: { "x-own": "1" } };
    expect(await client.send(asked, wait)).toEqual({ status: 404, text: "nothing" });
    expect(heard).toEqual(["PUT", "/v1/kv", "1"]);
    await expect.poll(() => getEventListeners(wait.signal, "abort").length).toBe(0);
  });

  test("is not opened for a request that is given up before", async () => {
    const url = await listen(createServer((_, response) => response.end()));
    const given = client.send({ method: "GET", url }, { signal: AbortSignal.abort() });
    await expect(given).rejects.toMatchObject({ code: "INCUMBENT_STORE_TIMEOUT", applied: "no" });
  });

  test("that breaks in the middle of a reply is an error", async () => {
    const url = await listen(
      createServer((_, response) => response.write("half", () => response.destroy())),
    );
    await expect(client.send({ method: "GET", url }, forever())).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
      message: expect.stringContaining("Cannot reach the server"),
    });
  });
});

describe("over TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "incumbent-http-"));
  const { ca, sign } = makeAuthority(folder);
  const certificate = sign("etcd", "DNS:etcd,IP:127.0.0.1");
  afterAll(() => rmSync(folder, { recursive: true }));
  const secure = () =>
    listen(
      createSecureServer(certificate, (_, response) => response.end("safe")),
      "https",
    );

  test("a server is trusted by the authority that is given, and what is not given is as usual", async () => {
    const url = await secure();
    const tls = { ca, cert: undefined, servername: "etcd", rejectUnauthorized: undefined };
    const reply = await client.send({ method: "GET", url, tls }, forever());
    expect(reply).toEqual({ status: 200, text: "safe" });
  });

  test("a connection is kept until the client is closed", async () => {
    const ports: unknown[] = [];
    const url = await listen(
      createSecureServer(certificate, ({ socket }, response) => {
        ports.push(socket.remotePort);
        response.end();
      }),
      "https",
    );
    const ask = () => client.send({ method: "GET", url, tls: { ca } }, forever());
    for (const again of [ask, ask]) await again();
    client.close();
    await ask();
    expect(ports[0]).toBe(ports[1]);
    expect(ports[2]).not.toBe(ports[0]);
  });

  test("a request may have been carried out once the handshake is over", async () => {
    const breaking = createSecureServer(certificate, ({ socket }) => socket.destroy());
    const url = await listen(breaking, "https");
    const asked = client.send({ method: "GET", url, tls: { ca } }, forever());
    await expect(asked).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
      message: expect.not.stringContaining("expects TLS"),
    });
  });

  test("a setting that is not given is that of the process", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    onTestFinished(() => {
      vi.unstubAllEnvs();
      warned.mockRestore();
    });
    const url = await secure();
    const tls = { rejectUnauthorized: undefined };
    expect(await client.send({ method: "GET", url, tls }, forever())).toMatchObject({
      text: "safe",
    });
  });

  test.each([
    ["without any", undefined],
    ["with another name", { ca, servername: "another" }],
  ])("no server is trusted %s", async (_what, tls) => {
    const url = await secure();
    const asked = client.send({ method: "GET", url, ...(tls && { tls }) }, forever());
    await expect(asked).rejects.toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
    });
  });
});

test("lines are whole, however the pieces of a text are cut", async () => {
  async function* pieces() {
    yield* ["on", "e\ntw", "o\n\nth", "ree\nrest"];
  }
  const lines: string[] = [];
  for await (const line of linesOf(pieces())) lines.push(line);
  expect(lines).toEqual(["one", "two", "", "three"]);
});
