import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { describe, expect, onTestFinished, test } from "vitest";
import { redact } from "../../../../src/redact.ts";
import type { Finding } from "../../../../src/stores/lease-store.ts";
import type { RedisClient } from "../../../../src/stores/redis/client/redis-client.ts";
import { RedisStore } from "../../../../src/stores/redis/redis-store.ts";
import { findingsOf } from "../../../support/findings.ts";
import { freePort } from "../../../support/free-port.ts";
import { ownFolder, startProcess } from "../../../support/own-process.ts";
import { startRedis } from "../../../support/redis-server.ts";

const clients: readonly (readonly [string, (url: string) => RedisClient])[] = [
  ["ioredis", (url) => new Redis(url, { lazyConnect: true })],
  ["node-redis", (url) => createClient({ url })],
];

async function diagnose(client: RedisClient | string): Promise<Finding[]> {
  const store = new RedisStore(client);
  try {
    return await findingsOf(store);
  } finally {
    await store.close();
  }
}

/** The address of a server that treats what it hears so. */
async function listen(serve: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return `redis://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

/** The only finding, which must be that it cannot be used. */
function onlyOf(findings: readonly Finding[]): Finding {
  const [only] = findings;
  expect(findings).toHaveLength(1);
  expect(only).toMatchObject({ check: "reachable", level: "error" });
  return only as Finding; // There is one.
}

describe.each(clients)("%s", (_, make) => {
  test("says of a web server that it is not Redis", async () => {
    const url = await listen((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    const { says, remedy } = onlyOf(await diagnose(make(url)));
    expect(says).toMatch(/what answers is not Redis \(.*"H".*\)\.$/);
    expect(says).not.toContain("Please report");
    expect(remedy).toBe("Check host and port.");
  });

  test("says of a server that sends back what it hears that it is not Redis", async () => {
    const { says } = onlyOf(await diagnose(make(await listen((socket) => socket.pipe(socket)))));
    expect(says).toContain("is not Redis");
    expect(says).not.toContain("redis.pcall");
  });
});

test("a Sentinel is told from a server, and its form of address named", async () => {
  const port = await freePort();
  const folder = ownFolder("sentinel");
  onTestFinished(() => folder.remove());
  writeFileSync(`${folder.path}/s.conf`, `port ${port}\nbind 127.0.0.1\n`);
  const args = [`${folder.path}/s.conf`, "--sentinel"];
  const sentinel = await startProcess("redis-server", args, { ready: /Sentinel ID is/ });
  onTestFinished(() => sentinel.kill());
  const { says, remedy } = onlyOf(await diagnose(`redis://127.0.0.1:${port}`));
  expect(says).toContain("Sentinel");
  expect(remedy).toContain("redis+sentinel://");
});

test.each([
  ["Redis", "redis_mode:sentinel"],
  ["Valkey", "server_name:valkey\r\nserver_mode:sentinel"],
])("a Sentinel of %s is recognised by its mode", async (_, mode) => {
  const info = `# Server\r\n${mode}\r\n`;
  const answers = new Map([
    ["HELLO", "%1\r\n+proto\r\n:3\r\n"],
    ["CLIENT", "+OK\r\n"],
    ["PING", "+PONG\r\n"],
    ["INFO", `$${info.length}\r\n${info}\r\n`],
  ]);
  const url = await listen((socket) => {
    socket.on("data", (piece) => {
      for (const [, name = ""] of String(piece).matchAll(/\*\d+\r\n\$\d+\r\n(\w+)/g))
        socket.write(answers.get(name.toUpperCase()) ?? "-ERR unknown command\r\n");
    });
  });
  const { says, remedy } = onlyOf(await diagnose(url));
  expect(says).toBe("This is a Sentinel, which keeps no leases.");
  expect(remedy).toContain("redis+sentinel://");
});

test("a remedy fits what the server said", async () => {
  const redis = await startRedis(["--requirepass", "hush"]);
  onTestFinished(() => redis.stop());
  const remedyAt = async (rest: string) => onlyOf(await diagnose(`redis://${rest}`)).remedy;
  expect(await remedyAt(`127.0.0.1:${redis.port}`)).toBe("Give user and password in the address.");
  expect(await remedyAt(`:hush@127.0.0.1:${redis.port}/99`)).toContain("database");
  const admin = ["-a", "hush", "--no-auth-warning"] as const;
  const rights = ["on", ">pw", "~*", "&*", "+@all", "-select"] as const;
  await redis.command(...admin, "ACL", "SETUSER", "one", ...rights);
  expect(await remedyAt(`one:pw@127.0.0.1:${redis.port}/1`)).toBe("Grant +select.");
});

test("a cluster's address of one server is explained without a password to mask", async () => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const [finding] = await diagnose(`redis+cluster://127.0.0.1:${redis.port}`);
  expect(finding?.says).toContain("begin its address with redis://");
  expect(redact(finding?.says ?? "")).toBe(finding?.says);
});
