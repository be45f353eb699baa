import { createServer, type Server } from "node:http";
import {
  type AddressInfo,
  createServer as createListener,
  type Server as Listener,
} from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { HttpClient, linesOf } from "../../../src/stores/http/http-client.ts";
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

test("lines are whole, however the pieces of a text are cut", async () => {
  async function* pieces() {
    yield* ["on", "e\ntw", "o\n\nth", "ree\nrest"];
  }
  const lines: string[] = [];
  for await (const line of linesOf(pieces())) lines.push(line);
  expect(lines).toEqual(["one", "two", "", "three"]);
});
