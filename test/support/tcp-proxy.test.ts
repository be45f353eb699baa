import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startProxy, type TcpProxy } from "./tcp-proxy.ts";

let heard: string;
let upstream: Server;
let proxy: TcpProxy;
const sockets: Socket[] = [];

/** A client and all that came back to it. */
class Client {
  readonly socket: Socket;
  received = "";
  isClosed = false;

  constructor() {
    this.socket = connect(proxy.port, "127.0.0.1").setEncoding("utf8");
    this.socket.on("data", (text) => {
      this.received += text;
    });
    this.socket.on("close", () => {
      this.isClosed = true;
    });
    this.socket.on("error", () => {});
    sockets.push(this.socket);
  }
}

beforeEach(async () => {
  heard = "";
  upstream = createServer((socket) => {
    sockets.push(socket.setEncoding("utf8").on("error", () => {}));
    socket.on("data", (text) => {
      heard += text;
      socket.write(`<${text}>`);
    });
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  proxy = await startProxy((upstream.address() as AddressInfo).port);
});
afterEach(async () => {
  await proxy.close();
  for (const socket of sockets.splice(0)) socket.destroy();
  upstream.close();
});

describe("a proxy with faults", () => {
  test("passes both ways", async () => {
    const client = new Client();
    client.socket.write("a");
    await expect.poll(() => client.received).toBe("<a>");
    expect(proxy.connections).toBe(1);
  });

  test("swallows both ways with the socket open, and a swallowed connection stays silent", async () => {
    const mute = new Client();
    mute.socket.write("a");
    await expect.poll(() => mute.received).toBe("<a>");
    proxy.mode = "swallow";
    mute.socket.write("b");
    await expect.poll(() => proxy.swallowed).toBe(1);
    proxy.mode = "pass";
    mute.socket.write("c");
    const fresh = new Client();
    fresh.socket.write("d");
    await expect.poll(() => fresh.received).toBe("<d>");
    expect(heard).toBe("ad");
    expect(mute.received).toBe("<a>");
    expect(mute.isClosed).toBe(false);
  });

  test("swallows replies alone", async () => {
    const client = new Client();
    proxy.mode = "swallow-replies";
    client.socket.write("a");
    await expect.poll(() => heard).toBe("a");
    await expect.poll(() => proxy.swallowed).toBe(1);
    proxy.mode = "pass";
    client.socket.write("b");
    await expect.poll(() => heard).toBe("ab");
    expect(client.received).toBe("");
  });

  test("holds requests back and delivers them in their order, also when the client has gone", async () => {
    const client = new Client();
    proxy.mode = "hold";
    client.socket.write("a");
    await expect.poll(() => proxy.held).toBe(1);
    proxy.mode = "pass";
    client.socket.write("b");
    await expect.poll(() => proxy.held).toBe(2);
    expect(heard).toBe("");
    client.socket.destroy();
    await expect.poll(() => client.isClosed).toBe(true);
    proxy.letGo();
    await expect.poll(() => heard).toBe("ab");
  });

  test("cuts every connection, and takes new ones", async () => {
    const client = new Client();
    client.socket.write("a");
    await expect.poll(() => client.received).toBe("<a>");
    proxy.cut();
    await expect.poll(() => client.isClosed).toBe(true);
    const fresh = new Client();
    fresh.socket.write("b");
    await expect.poll(() => fresh.received).toBe("<b>");
    await expect.poll(() => proxy.connections).toBe(1);
  });

  test("is as slow as it is set, keeps the order when it gets faster, and loses nothing", async () => {
    const client = new Client();
    proxy.delay = 100;
    const sent = performance.now();
    client.socket.write("a");
    await expect.poll(() => heard, { interval: 5 }).toBe("a");
    client.socket.write("b");
    proxy.delay = 0;
    client.socket.write("c");
    await expect.poll(() => client.received.replaceAll(/[<>]/g, "")).toBe("abc");
    expect(performance.now() - sent).toBeGreaterThanOrEqual(99);
  });

  test("leaves clients half open, of which they hear nothing until they leave themselves", async () => {
    const client = new Client();
    client.socket.write("a");
    await expect.poll(() => client.received).toBe("<a>");
    proxy.abandon();
    client.socket.write("b");
    await expect.poll(() => proxy.swallowed).toBe(1);
    const fresh = new Client();
    fresh.socket.write("c");
    await expect.poll(() => fresh.received).toBe("<c>");
    expect(client.isClosed).toBe(false);
    expect(heard).toBe("ac");
    client.socket.destroy();
    await expect.poll(() => proxy.connections).toBe(1);
  });

  test("leads new connections to where it points now", async () => {
    const other = createServer((socket) => {
      sockets.push(socket);
      socket.write("other");
    }).listen(0, "127.0.0.1");
    await once(other, "listening");
    proxy.target = (other.address() as AddressInfo).port; // As above.
    const client = new Client();
    await expect.poll(() => client.received).toBe("other");
    other.close();
  });
});
