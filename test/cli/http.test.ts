import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { networkInterfaces } from "node:os";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { type Incumbent, Workshop } from "./incumbent.ts";

let workshop: Workshop;
beforeEach(() => {
  workshop = new Workshop();
});
afterEach(() => workshop.close());

const run = (...args: string[]) => workshop.start("run", "--key", "job", "--ttl", "5s", ...args);
const sleeper = ["--", "sh", "-c", "echo up; sleep 60"];

async function portOf(started: Incumbent): Promise<number> {
  return Number((await started.says(/listening on http:\S+:\d+/)).split(":").at(-1));
}

async function serving(): Promise<{ started: Incumbent; port: number }> {
  const started = run("--http", "0", ...sleeper);
  await started.says("up");
  return { started, port: await portOf(started) };
}

/** Sends the bytes as they are, and answers with all that comes back until the other side ends. */
async function say(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.end(bytes);
  return text(socket);
}

async function look(port: number, path: string, method = "GET") {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

const get = (target: string, ...headers: string[]) =>
  ["GET ", target, " HTTP/1.1\r\nHost: a\r\n", ...headers, "\r\n"].join("");

/** What it is, the bytes, and the status of the answer. */
const requests: readonly [string, string, number][] = [
  ["a path that is two slashes", get("//"), 404],
  ["a host in the path", get("//["), 404],
  ["a percent sign alone", get("/%"), 404],
  ["the form for proxies", get("http://a/livez"), 200],
  ["a broken URL", get("http://[/"), 400],
  ["a URL of another kind", get("a:__proto__"), 400],
  ["an asterisk", get("*"), 400],
  ["OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 405],
  ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 405],
  ["TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 405],
  ["a method that is none", "NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n", 400],
  ["an upgrade", get("/livez", "Connection: upgrade\r\nUpgrade: x\r\n"), 200],
  ["an expectation", get("/livez", "Expect: miracles\r\n"), 417],
  ["no host", "GET /livez HTTP/1.1\r\n\r\n", 400],
  ["HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n", 200],
  ["another protocol", "\x16\x03\x01\x02\x00\x01\r\n\r\n", 400],
  ["a huge header", get("/livez", `X: ${"x".repeat(17_000)}\r\n`), 431],
];

describe("incumbent run --http", () => {
  test("serves leader, livez, readyz and metrics", async () => {
    const { port } = await serving();
    const leader = await look(port, "/leader");
    expect(leader.status).toBe(200);
    expect(JSON.parse(leader.body)).toMatchObject({ key: "job", leader: { metadata: null } });
    expect((await look(port, "/livez")).status).toBe(200);
    expect((await look(port, "/readyz?verbose")).status).toBe(200);
    const metrics = await look(port, "/metrics");
    expect(metrics.body).toContain('leader_election_master_status{name="job"} 1');
    const following = run("--http", "0", ...sleeper);
    await following.says("leader changed");
    expect((await look(await portOf(following), "/leader")).status).toBe(503);
  });

  test("answers HEAD like GET without a body, other methods with 405 and other paths with 404", async () => {
    const { port } = await serving();
    const head = await look(port, "/livez", "HEAD");
    expect([head.status, head.body, head.headers.get("content-length")]).toEqual([200, "", "6"]);
    expect((await look(port, "/nothing")).status).toBe(404);
    const post = await look(port, "/livez", "POST");
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  });

  test("listens on 127.0.0.1 only, unless there is another host", async () => {
    const elsewhere = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ family, address }) => family === "IPv4" && address !== "127.0.0.1")
      .map(({ address }) => address);
    // The whole of 127.0.0.0/8 is this machine on Linux, also where it has no other address.
    const others = [...elsewhere, ...(process.platform === "linux" ? ["127.0.0.2"] : [])];
    expect(others.length).toBeGreaterThan(0);
    const { port } = await serving();
    const everywhere = run("--http", "0.0.0.0:0", ...sleeper);
    const open = await portOf(everywhere);
    for (const host of others) {
      await expect(fetch(`http://${host}:${port}/livez`), host).rejects.toThrow("fetch failed");
      expect((await fetch(`http://${host}:${open}/livez`)).status, host).toBe(200);
    }
  });

  test("answers any request, even a malformed one, and keeps serving", async () => {
    const { started, port } = await serving();
    for (const [what, bytes, status] of requests) {
      expect((await say(port, bytes)).split("\r\n", 1)[0], what).toContain(`HTTP/1.1 ${status} `);
    }
    expect((await look(port, "/livez")).status).toBe(200);
    expect(started.process.exitCode).toBe(null);
  });

  test("survives clients that reset, and ends at once despite a silent one", async () => {
    const { started, port } = await serving();
    for (let count = 0; count < 20; count += 1) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      await once(socket, "connect");
      socket.write("GET /leader HTTP/1.1\r\nHost: a\r\n\r\nGET /metrics HT");
      socket.resetAndDestroy();
    }
    const silent = connect(port, "127.0.0.1").on("error", () => {});
    await once(silent, "connect");
    expect((await look(port, "/livez")).status).toBe(200);
    started.process.kill("SIGTERM");
    expect(await started.ended()).toBe(143);
  });

  test("never starts the command if the port is in use, and reports it in one line", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { port } = other.address() as AddressInfo; // It listens on a port, not on a pipe.
    const started = run("--http", String(port), ...sleeper);
    expect(await started.ended()).toBe(64);
    expect(started.out).toBe("");
    expect(started.err).toBe(
      `incumbent: cannot listen on --http ${port}: another process uses the port.\n`,
    );
  });
});
