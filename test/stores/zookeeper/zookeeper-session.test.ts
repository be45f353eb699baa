import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Hint } from "../../../src/stores/lease-store.ts";
import { JuteWriter } from "../../../src/stores/zookeeper/jute.ts";
import { codes, operations } from "../../../src/stores/zookeeper/zookeeper-operations.ts";
import { ZookeeperStore } from "../../../src/zookeeper.ts";
import { freePort } from "../../support/free-port.ts";
import { acquireRequest, request } from "../../support/requests.ts";
import { type Conduct, greeting, reply, startFake } from "./fake-server.ts";

const NO_NODE = codes.noNode;

/** A store of servers on these ports. */
function openAt(...ports: number[]): ZookeeperStore {
  const hosts = ports.map((port) => `127.0.0.1:${port}`).join();
  const store = new ZookeeperStore(`zookeeper://${hosts}`, { restartGuard: false });
  onTestFinished(() => store.close());
  return store;
}

/** What comes of an acquire. */
async function acquireAt(...ports: number[]): Promise<unknown> {
  const store = openAt(...ports);
  return store.acquire(acquireRequest("job")).catch((error: unknown) => error);
}

/** Answers that there is no node, unless `other` answers. */
function empty(other: Conduct["answer"] = undefined, ...its: number[]): Conduct {
  return {
    answer: (asked) => {
      if (its.includes(asked.operation)) return other?.(asked);
      const code = asked.operation === operations.sync ? 0 : NO_NODE;
      asked.socket.write(reply(asked.number, code));
    },
  };
}

describe("what a server says", () => {
  test.each([
    [-102, "INCUMBENT_STORE_MISCONFIGURED", "no", /does not allow it at \/incumbent\/job/],
    [-114, "INCUMBENT_STORE_MISCONFIGURED", "no", /access control list/],
    [-124, "INCUMBENT_STORE_MISCONFIGURED", "no", /demands a login: .*SASL is not/],
    [-125, "INCUMBENT_STORE_MISCONFIGURED", "no", /a quota that is used up/],
    [-6, "INCUMBENT_STORE_MISCONFIGURED", "no", /use 3\.5 or later/],
    [-127, "INCUMBENT_STORE_REFUSED", "no", /throttling/],
    [-1, "INCUMBENT_STORE_REFUSED", "maybe", /failed at/],
    [-7, "INCUMBENT_STORE_REFUSED", "maybe", /failed at/],
    [-999, "INCUMBENT_STORE_REFUSED", "no", /refused the request at \/incumbent\/job \(-999\)/],
  ])("%d to a write becomes %s, applied: %s", async (code, name, applied, message) => {
    const refuse = empty(
      ({ socket, number }) => void socket.write(reply(number, code)),
      operations.multi,
    );
    const error = await acquireAt(await startFake(refuse));
    expect(error).toMatchObject({ code: name, applied, message: expect.stringMatching(message) });
  });

  test("a login that is refused is named, without the password", async () => {
    const port = await startFake({
      answer: ({ socket, number }) => void socket.write(reply(number, -115)),
    });
    const store = new ZookeeperStore(`zookeeper://app:hush@127.0.0.1:${port}`);
    onTestFinished(() => store.close());
    const error = await store.read(request("job")).catch((reason) => reason);
    expect(error).toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
      message: "ZooKeeper refused the user: check user and password.",
    });
    expect(JSON.stringify(error)).not.toContain("hush");
  });

  test("may come in pieces of one byte", async () => {
    const port = await startFake({
      greet: (socket) => {
        for (const byte of greeting()) socket.write(Buffer.from([byte]));
      },
      answer: ({ socket, number, operation }) => {
        const code = operation === operations.sync ? 0 : NO_NODE;
        for (const byte of reply(number, code)) socket.write(Buffer.from([byte]));
      },
    });
    expect(await openAt(port).read(request("job"))).toBeUndefined();
  });
});

describe("a connection", () => {
  test.each<[string, Conduct]>([
    [
      "to another request",
      { answer: ({ socket, number }) => void socket.write(reply(number + 5, 0)) },
    ],
    [
      "of no sensible length",
      { answer: ({ socket }) => void socket.write("HTTP/1.1 400 Bad Request") },
    ],
  ])(
    "that brings an answer %s is given up, and the write may have been carried out",
    async (_, conduct) => {
      const port = await startFake(empty(conduct.answer, operations.multi));
      expect(await acquireAt(port)).toMatchObject({
        ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "maybe" },
        message: expect.stringContaining("something that ZooKeeper does not say"),
      });
    },
  );

  test("that breaks while a write is under way leaves it in doubt", async () => {
    const port = await startFake(empty(({ socket }) => socket.destroy(), operations.multi));
    expect(await acquireAt(port)).toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
      detail: "the connection broke",
    });
  });

  test("that the store closes while a write is under way leaves it in doubt", async () => {
    let arrived = () => {};
    const isThere = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const store = openAt(await startFake(empty(arrived, operations.multi)));
    const asked = store.acquire(acquireRequest("job")).catch((error: unknown) => error);
    await isThere;
    await store.close();
    expect(await asked).toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" },
      detail: "the connection was closed",
    });
  });

  test("to something else than ZooKeeper is named, and nothing was applied", async () => {
    const web = createServer((_, response) => response.end()).listen(0, "127.0.0.1");
    onTestFinished(() => void web.close());
    await once(web, "listening");
    const { port } = web.address() as AddressInfo; // It listens on a port, not on a pipe.
    expect(await acquireAt(port)).toMatchObject({
      ...{ code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" },
    });
  });

  test("that a server closes without a session is explained, and nothing was applied", async () => {
    const port = await startFake({ greet: (socket) => void socket.end() });
    expect(await acquireAt(port)).toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" },
      message: expect.stringContaining("as a server does without a quorum"),
    });
  });

  test("that opens no session in time gives way to the next server", async () => {
    const [silent, sound] = [await startFake({ greet: () => {} }), await startFake(empty())];
    expect(await openAt(silent, sound).read(request("job"))).toBeUndefined();
  });

  test("that can be had with no server names each of them", async () => {
    const [gone, closing] = [
      await freePort(),
      await startFake({ greet: (socket) => void socket.end() }),
    ];
    expect(await acquireAt(gone, closing)).toMatchObject({
      ...{ code: "INCUMBENT_STORE_UNAVAILABLE", applied: "no" },
      message: expect.stringMatching(new RegExp(`127.0.0.1:${gone}.*127.0.0.1:${closing}`)),
    });
  });

  test("that is being opened when the store is closed is given up", async () => {
    const sockets: Socket[] = [];
    const port = await startFake({ greet: (socket) => void sockets.push(socket) });
    const store = openAt(port);
    const asked = store.read(request("job")).catch((error: unknown) => error);
    await expect.poll(() => sockets).toHaveLength(1);
    const gone = Promise.all(sockets.map((socket) => once(socket, "close")));
    await store.close();
    expect(await asked).toMatchObject({ applied: "no", detail: "the connection was closed" });
    await gone;
  });
});

describe("a watch", () => {
  const event = (path: string) => {
    const [type, state] = [3, 3];
    return reply(-1, 0, new JuteWriter().int(type).int(state).text(path));
  };

  test("looks again after each event, and leaves a watch at what is not there", async () => {
    let looks = 0;
    const asked: boolean[] = [];
    const port = await startFake(
      empty(({ socket, number, body }) => {
        const path = body.text();
        asked.push(body.flag());
        looks += 1;
        socket.write(reply(number, NO_NODE));
        if (looks < 3) socket.write(event(path));
        else socket.write(event("/incumbent/another"));
      }, operations.exists),
    );
    const hints: Hint[] = [];
    openAt(port).watch("job", (hint) => hints.push(hint));
    await expect.poll(() => looks).toBe(3);
    expect(asked).toEqual([true, true, true]);
    expect(hints).toEqual([]);
  });

  test("begins anew when its connection breaks, and says so", async () => {
    let looks = 0;
    const port = await startFake(
      empty(({ socket, number }) => {
        looks += 1;
        socket.write(reply(number, NO_NODE));
        if (looks === 1) setTimeout(() => socket.destroy(), 20);
      }, operations.exists),
    );
    const hints: Hint[] = [];
    openAt(port).watch("job", (hint) => hints.push(hint));
    await expect.poll(() => hints).toEqual(["released"]);
    expect(looks).toBe(2);
  });
});
