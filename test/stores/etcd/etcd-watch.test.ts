import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { EtcdStore } from "../../../src/etcd.ts";
import type { EtcdCell } from "../../../src/stores/etcd/etcd-cell.ts";
import type { EtcdMembers } from "../../../src/stores/etcd/etcd-members.ts";
import { followKey } from "../../../src/stores/etcd/etcd-watch.ts";
import { type EtcdServer, startEtcd } from "../../support/etcd-server.ts";
import { acquireRequest, renewRequest } from "../../support/requests.ts";

const cell = (version: string): EtcdCell => ({ version, record: undefined, value: undefined });

/** Follows a key over a stream of these lines. Returns what became of it. */
async function follow(...lines: object[]): Promise<string[]> {
  const became: string[] = [];
  const members: Pick<EtcdMembers, "call" | "stream"> = {
    call: async () => ({ header: { revision: "7" } }),
    async *stream(_, body) {
      became.push(JSON.stringify(body));
      for (const line of lines) yield JSON.stringify(line);
    },
  };
  // Nothing but these two is used of the members.
  await followKey(members as EtcdMembers, "a2V5", (pair) => cell(pair?.revision ?? "0"), {
    signal: new AbortController().signal,
    report: ({ version }) => became.push(version),
    fail: () => became.push("failed"),
    expectSign: () => {},
  });
  return became;
}

describe("a watch of etcd", () => {
  const create = '{"create_request":{"key":"a2V5","start_revision":"8"}}';
  const put = { kv: { key: "a2V5", mod_revision: "9" } };

  test("begins with the revision behind what it saw, and is live from the first message on", async () => {
    const created = { result: { created: true } };
    const changed = { result: { events: [put, { type: "DELETE", ...put }] } };
    expect(await follow(created, changed)).toEqual([create, "0", "9", "0", "failed"]);
  });

  test("that etcd refuses because the revision is compacted fails before it reports anything", async () => {
    const refused = { result: { created: true, canceled: true, compact_revision: "99" } };
    expect(await follow(refused)).toEqual([create, "failed"]);
  });

  describe("on a server", () => {
    let server: EtcdServer | undefined;
    beforeAll(async () => {
      [server] = await startEtcd();
    }, 90_000);
    afterAll(() => server?.stop());

    test("misses nothing when all that it has reported is compacted", async () => {
      if (server === undefined) throw new Error("etcd was not started");
      const store = new EtcdStore(server.url, { restartGuard: false });
      try {
        const own = acquireRequest("compacted", { ttl: 60_000 });
        const reply = await store.acquire(own);
        const hints: string[] = [];
        store.watch(own.key, (hint) => hints.push(hint));
        const renewal = renewRequest(own, reply.granted ? reply.token : 0);
        for (let round = 1; round <= 3; round += 1) {
          hints.length = 0;
          await vi.waitFor(
            async () => {
              await store.renew({ ...renewal, metadata: `round ${round} ${performance.now()}` });
              expect(hints).toContain("changed");
            },
            { timeout: 10_000 },
          );
          const { header } = await server.call("kv/range", { key: "AA==" });
          await server.call("kv/compaction", { ...revisionIn(header), physical: true });
        }
        hints.length = 0;
        await store.release(own);
        await vi.waitFor(() => expect(hints).toContain("released"), { timeout: 10_000 });
      } finally {
        await store.close();
      }
    }, 40_000);
  });
});

function revisionIn(header: unknown): { revision: unknown } {
  if (typeof header === "object" && header !== null && "revision" in header) {
    return { revision: header.revision };
  }
  throw new Error("etcd has answered without a revision");
}
