import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkStore } from "../../../src/conformance.ts";
import { ConsulStore, type ConsulStoreOptions } from "../../../src/consul.ts";
import { consulProgram } from "../../support/consul-program.ts";
import { type ConsulServer, startConsul } from "../../support/consul-server.ts";
import { hourAhead } from "../../support/observed-time.ts";
import { acquireRequest, renewRequest, request } from "../../support/requests.ts";
import { checkRegister } from "../registers/claims.ts";
import { checkCommand } from "../registers/command.ts";

// Debian has had none since version 11, so a machine may be without.
describe.runIf(consulProgram() !== undefined)("on a Consul server", () => {
  let server: ConsulServer;
  beforeAll(async () => {
    server = await startConsul();
  }, 30_000);
  afterAll(() => server.stop());

  // The kit takes the lease of an election that never was at once.
  const options = { restartGuard: false };

  checkStore(test, {
    setUp: () => ({
      open: () => new ConsulStore(server.url, options),
      openAhead: () => new ConsulStore(server.url, options, hourAhead),
      restart: async () => {
        await server.kill();
        await server.start();
      },
      loseData: async () => {
        await server.ask("DELETE", "kv/incumbent/?recurse");
      },
    }),
    patience: 10_000,
    capabilities: {
      ...{ exclusion: "strict", tokens: "clock", clock: "observer" },
      ...{ wakeUp: true, keys: true, survivesRestart: true },
    },
  });

  checkRegister({
    port: () => server.port,
    open: (port, restartGuard) => new ConsulStore(`consul://127.0.0.1:${port}`, { restartGuard }),
    ...{ rivals: 50, rounds: 3 },
  });

  checkCommand(
    () => `${server.url}?restartGuard=false`,
    (url) => new ConsulStore(url),
  );

  async function withStore<Result>(
    given: ConsulStoreOptions,
    use: (store: ConsulStore) => Promise<Result>,
  ) {
    const store = new ConsulStore(server.url, { ...options, ...given });
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  test("a record has a name that people can read, below the prefix", async () => {
    await withStore({ prefix: "team/elections/" }, async (store) => {
      await store.acquire(acquireRequest("billing:1"));
      expect(await store.keys?.(request("any"))).toEqual(["billing:1"]);
    });
    const names = await (await server.ask("GET", "kv/team/elections/?keys")).json();
    expect(names).toEqual(["team/elections/billing=3A1"]);
  });

  test("a key that a session has locked is refused by name", async () => {
    const created = await (await server.ask("PUT", "session/create", "{}")).text();
    const session = /"ID": *"([^"]+)"/.exec(created)?.[1];
    await server.ask("PUT", `kv/incumbent/locked?acquire=${session}`, "somebody");
    await withStore({}, async (store) => {
      await expect(store.acquire(acquireRequest("locked"))).rejects.toMatchObject({
        ...{ code: "INCUMBENT_KEY_OCCUPIED", applied: "no" },
        message: expect.stringContaining("locked by a session"),
      });
    });
  });

  test("a record that was deleted under its leader is restored", async () => {
    await withStore({}, async (store) => {
      const own = acquireRequest("deleted", { ttl: 60_000 });
      const reply = await store.acquire(own);
      await server.ask("DELETE", "kv/incumbent/deleted");
      const renewal = renewRequest(own, reply.granted ? reply.token : 0);
      expect(await store.renew(renewal)).toEqual({ renewed: true });
      await withStore({ restartGuard: true }, async (rival) => {
        expect(await rival.acquire(acquireRequest("deleted"))).toMatchObject({ reason: "held" });
      });
    });
  });

  test("without the right token requests are refused by name, and nothing was applied", async () => {
    const root = "11111111-2222-3333-4444-555555555555";
    const acl = `acl { enabled = true, default_policy = "deny", tokens { master = "${root}" } }`;
    const guarded = await startConsul(acl, root);
    const ask = async (token?: string) => {
      const store = new ConsulStore(guarded.url, { ...options, token });
      const wish = acquireRequest("job", { ttl: 60_000 });
      try {
        return await store.acquire(wish).catch((error) => error);
      } finally {
        await store.close();
      }
    };
    try {
      const refused = { code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" };
      expect(await ask()).toMatchObject(refused);
      const wrong = await ask("99999999-2222-3333-4444-555555555555");
      expect(wrong).toMatchObject(refused);
      expect(String(wrong)).not.toContain("99999999");
      expect(await ask(root)).toMatchObject({ granted: true });
    } finally {
      await guarded.stop();
    }
  }, 30_000);
});

describe("refused by name", () => {
  test.each([
    ["consul://", /must name hosts/],
    ["consul://a,b", /must name one agent/],
    ["consul://user:hush@a", /must have no user; the ACL token is the option token/],
    ["consul://a?prefix=/x", /^prefix must consist of letters/],
    ["consul://a?prefx=x", /did you mean "prefix"/],
    ["http://a", /must be a URL that begins with consul:\/\//],
  ])("%s", (url, message) => {
    expect(() => new ConsulStore(url)).toThrow(message);
  });

  test("a token with a space in it, without showing it", () => {
    const make = () => new ConsulStore("consul://a", { token: "hush hush" });
    expect(make).toThrow(
      /^token must be 1 to 512 characters of ASCII without spaces; got "\*\*\*"/,
    );
  });
});
