import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Io } from "../src/cli/io.ts";
import { openStore } from "../src/cli/open-store.ts";
import { runCommand } from "../src/cli/run-command.ts";
import { ConsulStore } from "../src/consul.ts";
import { DynamodbStore } from "../src/dynamodb.ts";
import { EtcdStore } from "../src/etcd.ts";
import { KubernetesStore } from "../src/kubernetes.ts";
import { MysqlStore } from "../src/mysql.ts";
import { NatsStore } from "../src/nats.ts";
import { PostgresStore } from "../src/postgres.ts";
import { RedisElector, RedisStore } from "../src/redis.ts";
import { RedisQuorumElector, RedisQuorumStore } from "../src/redis-quorum.ts";
import { SqliteStore } from "../src/sqlite.ts";
import type { LeaseStore } from "../src/stores/lease-store.ts";
import { ZookeeperStore } from "../src/zookeeper.ts";

/** What must never be seen. In upper and lower case it is the same, since a host is written in lower case. */
const MARK = "hushhush";

/** Addresses as people write them, with everything in them that can be wrong. Nothing listens on port 1. */
const written = [
  `redis://:${MARK}@127.0.0.1:1`,
  `redis+cluster://user:${MARK}@127.0.0.1:1,127.0.0.1:2`,
  `redis+cluster://user:${MARK}@127.0.0.1:port`,
  `redis+cluster://user:a@${MARK}@127.0.0.1:1/x`,
  `redis+cluster://user:%${MARK}@127.0.0.1:1`,
  `redis://user:${MARK}@127.0.0.1:1/0`,
  `redis://user:${MARK}@127.0.0.1:99999`,
  `redis://user:${MARK}@127.0.0.1:port`,
  `redis://user:${MARK}@[::1`,
  `redis://user:${MARK}@127.0.0.1:1/x`,
  `redis://user:${MARK}@127.0.0.1:1/0/1`,
  `redis://user:${MARK}@`,
  `redis://user:${MARK}`,
  `redis://user:12${MARK}/0`,
  `redis://user:a@${MARK}@127.0.0.1:1/x`,
  `redis://user:a:${MARK}@127.0.0.1:1/x`,
  `redis://user:a/${MARK}@127.0.0.1:1`,
  `redis://user:a#${MARK}@127.0.0.1:1`,
  `redis://user:a?${MARK}@127.0.0.1:1`,
  `redis://user:a?b=${MARK}@127.0.0.1:1`,
  `redis://user:a ${MARK}@127.0.0.1:1/x`,
  `redis://user:a\n${MARK}@127.0.0.1:1/x`,
  `redis://user:%${MARK}@127.0.0.1:1`,
  `redis://user:${MARK}%zz@127.0.0.1:1`,
  `redis://user%3A${MARK}@127.0.0.1:1/x`,
  `redis://${MARK}@127.0.0.1:1/x`,
  `redis:/user:${MARK}@127.0.0.1:1`,
  `redis:user:${MARK}@127.0.0.1:1`,
  `redis:///user:${MARK}@127.0.0.1:1`,
  `redis;//user:${MARK}@127.0.0.1:1`,
  `redis//user:${MARK}@127.0.0.1:1`,
  `redis:\\\\user:${MARK}@127.0.0.1:1`,
  `redis+unix://user:${MARK}@/tmp/none.sock`,
  `redis+unix://user:${MARK}@host/none.sock`,
  `redis+sentinel://:${MARK}@127.0.0.1:1/primary`,
  `redis+sentinel://user:${MARK}@127.0.0.1:1`,
  `redis+sentinel://127.0.0.1:1/primary?sentinelPassword=${MARK}`,
  `redis+sentinel://127.0.0.1:1/primary/x?sentinelPassword=${MARK}`,
  `redis+sentinel://127.0.0.1:1/primary?sentinelUser=a&sentinelPasword=${MARK}`,
  `redis://127.0.0.1:1/0?password=${MARK}`,
  `redis://127.0.0.1:1/0?db=1&auth=${MARK}`,
  `redis://127.0.0.1:1/0?${MARK}`,
  `redis://127.0.0.1:1/0#${MARK}`,
  `redis://a,redis://user:${MARK}@127.0.0.1:port`,
  `redis://user:${MARK}@127.0.0.1:port,redis://a,redis://b`,
  `redis://user:${MARK}@a,redis://user:${MARK}@a,redis://b`,
  `redis://a,user:${MARK}@b,redis://c`,
  `user:${MARK}@127.0.0.1:1`,
  `:${MARK}@127.0.0.1:1`,
  `//user:${MARK}@127.0.0.1:1`,
  `://user:${MARK}@127.0.0.1:1`,
  `http://user:${MARK}@127.0.0.1:1`,
  `postgres://user:${MARK}@127.0.0.1:1/db`,
  `postgres://user:${MARK}@127.0.0.1:port/db`,
  `postgres://user:a/${MARK}@127.0.0.1:1/db`,
  `postgres://user:${MARK}%zz@127.0.0.1:1/db`,
  `postgres://a,user:${MARK}@127.0.0.1:1/db`,
  `postgres://127.0.0.1:1/db?password=${MARK}`,
  `postgres://127.0.0.1:1/db?listenUrl=postgres://user:${MARK}@127.0.0.1:port`,
  `postgresql://user:${MARK}@127.0.0.1:1/db#x`,
  `nats://user:${MARK}@127.0.0.1:1`,
  `nats://${MARK}@127.0.0.1:1/x`,
  `nats://user:${MARK}@127.0.0.1:1,b:port`,
  `nats://user:${MARK}%zz@127.0.0.1:1`,
  `nats://127.0.0.1:1?token=${MARK}`,
  `consul://user:${MARK}@127.0.0.1:1`,
  `consul://127.0.0.1:1?token=${MARK}`,
  `consul://127.0.0.1:1?token=${MARK}%20x`,
  `consul://127.0.0.1:1/x?token=${MARK}`,
  `zookeeper://user:${MARK}@127.0.0.1:1`,
  `zookeeper://user:${MARK}@127.0.0.1:1,b:port`,
  `zookeeper://user:${MARK}@127.0.0.1:1/a//b`,
  `zookeeper://user:${MARK}%zz@127.0.0.1:1`,
  `zookeeper://${MARK}@127.0.0.1:1`,
  `zookeeper://127.0.0.1:1?password=${MARK}`,
  `dynamodb://user:${MARK}@incumbent?region=local`,
  `dynamodb://incumbent?region=local&secretAccessKey=${MARK}`,
  `dynamodb://incumbent?region=local&endpoint=http://user:${MARK}@127.0.0.1:1`,
  `mysql://user:${MARK}@127.0.0.1:1/db`,
  `mysql://user:${MARK}@127.0.0.1:port/db`,
  `mysql://user:${MARK}@127.0.0.1:1/db?ssl={"a":1}`,
  `mysql://user:${MARK}%zz@127.0.0.1:1/db`,
  `mysql://127.0.0.1:1/db?password=${MARK}`,
  `mariadb://user:a#${MARK}@127.0.0.1:1/db`,
  `etcd://user:${MARK}@127.0.0.1:1`,
  `etcd://user:${MARK}@127.0.0.1:1,b:port`,
  `etcd://user:${MARK}@127.0.0.1:1/x`,
  `etcd://127.0.0.1:1?password=${MARK}`,
  `etcds://user:${MARK}@127.0.0.1:1?caFile=none.pem`,
  `kubernetes://user:${MARK}@127.0.0.1:1/jobs`,
  `kubernetes:jobs?token=${MARK}`,
  `mongodb+srv://user:${MARK}@host/db`,
  `amqps://user:${MARK}@host/vhost`,
  `sqlite:redis://user:${MARK}@127.0.0.1:1`,
  `sqlite://user:${MARK}@host/x.db`,
  `127.0.0.1:1,password=${MARK},ssl=true`,
  `Server=127.0.0.1;Password=${MARK}`,
] as const;

/** The same in upper case, in quotes as from a badly written .env file, and with spaces around it. */
const addresses = written.flatMap((address) => [
  address,
  address.replace(/^[a-z+]+:/, (scheme) => scheme.toUpperCase()),
  `"${address}"`,
  ` ${address} `,
]);

let folder: string;
const before = process.cwd();
beforeAll(() => {
  // Some of them are the names of files.
  folder = mkdtempSync(join(tmpdir(), "incumbent-passwords-"));
  process.chdir(folder);
});
afterAll(() => {
  process.chdir(before);
  rmSync(folder, { recursive: true });
});

/** Every way in which an error is written down. */
function everythingOf(error: unknown): string {
  const own = error instanceof Error ? [error.message, error.stack, everythingOf(error.cause)] : [];
  return [
    String(error),
    inspect(error, { depth: 20, showHidden: true }),
    JSON.stringify(error),
    ...own,
  ].join("\n");
}

/** What comes of asking the store once: nothing, or an error. */
async function asked(make: () => LeaseStore): Promise<string> {
  try {
    const store = make();
    const clock = { now: () => performance.now() };
    const signal = AbortSignal.timeout(500);
    try {
      await store.read({ key: "job", clock, notAfter: clock.now() + 500, signal });
    } finally {
      await store.close();
    }
    return "";
  } catch (error) {
    return everythingOf(error);
  }
}

function seen(text: string): boolean {
  return decoded(text).toLowerCase().includes(MARK);
}

function decoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, code) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

test("there are three hundred addresses, each with the mark", () => {
  expect(addresses.length).toBeGreaterThan(300);
  expect(addresses.filter((address) => !seen(address))).toEqual([]);
});

describe("a password in an address is in no form of an error from", () => {
  type Make = (address: string) => LeaseStore;
  test.each<[string, Make, string]>([
    ["RedisStore", (address) => new RedisStore(address), ""],
    [
      "RedisQuorumStore",
      (address) => new RedisQuorumStore([address, "redis://127.0.0.1:1", "redis://127.0.0.1:2"]),
      "",
    ],
    ["PostgresStore", (address) => new PostgresStore(address), ""],
    ["MysqlStore", (address) => new MysqlStore(address), ""],
    ["EtcdStore", (address) => new EtcdStore(address), ""],
    ["KubernetesStore", (address) => new KubernetesStore(address), ""],
    ["NatsStore", (address) => new NatsStore(address), ""],
    ["ConsulStore", (address) => new ConsulStore(address), ""],
    ["ZookeeperStore", (address) => new ZookeeperStore(address), ""],
    ["DynamodbStore", (address) => new DynamodbStore(address), ""],
    // A path may be anything else: the name of a file is shown as it is.
    ["SqliteStore", (address) => new SqliteStore(address), "://"],
  ])(
    "%s",
    async (_, make, part) => {
      const some = addresses.filter((address) => address.includes(part));
      const told = await Promise.all(
        some.map(async (address) => [address, await asked(() => make(address))] as const),
      );
      expect(told.filter(([, text]) => text !== "").length).toBeGreaterThan(50);
      expect(told.filter(([, text]) => seen(text)).map(([address]) => address)).toEqual([]);
    },
    60_000,
  );

  test("openStore", async () => {
    for (const address of addresses) {
      const told = await openStore(address).then((store) => asked(() => store), everythingOf);
      expect(seen(told), address).toBe(false);
    }
  }, 60_000);

  test.each<[string, (address: string) => unknown]>([
    ["RedisElector", (address) => new RedisElector(address, "job")],
    [
      "RedisQuorumElector",
      (address) => new RedisQuorumElector([address, address, "redis://b"], "job"),
    ],
  ])("%s", (_, make) => {
    for (const address of addresses) {
      try {
        make(address);
      } catch (error) {
        expect(seen(everythingOf(error)), address).toBe(false);
      }
    }
  });
});

describe("a password in an address is in nothing that is written by", () => {
  /** The output of the command, on a world that is watched. */
  async function outputOf(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
    let text = "";
    const output = {
      isTerminal: false,
      write: (more: string) => {
        text += more;
        // What goes on for ever has said what it has to say.
        process.emit("SIGINT", "SIGINT");
      },
    };
    const io: Io = {
      env,
      out: output,
      err: output,
      openLog: () => ({ ...output, close: async () => {} }),
    };
    await runCommand(args, io);
    return text;
  }

  test.each([
    ["status", ["status", "job"]],
    ["status of all", ["status", "--json"]],
    ["watch", ["watch", "job"]],
    ["run", ["run", "--try", "--key", "job", "--log", "json", "--verbose"]],
    ["demo", ["demo"]],
  ])(
    "incumbent %s",
    async (_, args) => {
      const command = args[0] === "run" ? ["--", "true"] : [];
      // A demo on an address that works would run for long.
      const some =
        args[0] === "demo"
          ? addresses.filter((address) => !/^\s*(redis|sqlite):/i.test(address))
          : addresses;
      for (const address of some) {
        const byOption = await outputOf([...args, "--store", address, ...command], {});
        expect(seen(byOption), address).toBe(false);
        const byVariable = await outputOf([...args, ...command], { INCUMBENT_STORE: address });
        expect(seen(byVariable), address).toBe(false);
      }
    },
    300_000,
  );

  test("incumbent run with an address in the wrong place", async () => {
    const address = `redis://user:${MARK}@127.0.0.1:port`;
    for (const args of [
      ["run", address],
      ["run", `--${address}`],
      ["run", "--key", "job", "--ttl", address, "--", "true"],
      ["run", "--key", "job", "--log", address, "--", "true"],
      ["run", "--key", "job", "--http", address, "--", "true"],
      ["run", "--key", "job", `--once=${address}`, "--", "true"],
      ["status", "job", address],
      ["watch", "job", address],
      ["demo", address],
      ["demo", "--servers", address],
      ["completion", address],
      [address],
    ]) {
      const text = await outputOf(args, {});
      expect(text, args.join(" ")).not.toBe("");
      expect(seen(text), args.join(" ")).toBe(false);
    }
    const env = { INCUMBENT_ONCE: address };
    expect(seen(await outputOf(["run", "--key", "job", "--", "true"], env))).toBe(false);
  });
});
