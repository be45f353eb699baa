import {
  Elector,
  type ElectorOptions,
  isIncumbentError,
  type LeaderInfo,
  MemoryStore,
  type Term,
} from "incumbent";
import { checkStore, rules } from "incumbent/conformance";
import { RedisElector, RedisStore } from "incumbent/redis";
import { RedisQuorumElector, RedisQuorumStore } from "incumbent/redis-quorum";
import { SqliteStore } from "incumbent/sqlite";
import type { LeaseStore } from "incumbent/store";
import { createTestElection } from "incumbent/testing";
import { Redis } from "ioredis";

const options: ElectorOptions = { ttl: 5000, nodeId: "api-7", logger: console };
const stores: LeaseStore[] = [
  new MemoryStore(),
  new SqliteStore("a.db"),
  new RedisStore(new Redis()),
  new RedisQuorumStore([new Redis(), "redis://10.0.0.2"]),
];

export async function use(signal: AbortSignal): Promise<string> {
  await using elector = new RedisElector(new Redis(), "election", {
    ...options,
    restartGuard: false,
  });
  const unregister: () => void = elector.onLeadershipChange((isLeader: boolean, term: Term) => {
    if (isLeader) console.log(term.token.toFixed(), term.signal.aborted);
  });
  elector.on("storeError", ({ operation, error }) => console.error(operation, error.code));
  await elector.start({ signal });
  const leader: LeaderInfo | undefined = await elector.leader();
  for await (const seen of elector.observe({ signal })) console.log(seen?.nodeId);
  try {
    const count: number = await elector.lead(async ({ token }) => token);
    return `${count} ${leader?.expiresIn} ${elector.term?.remaining()}`;
  } catch (error) {
    return isIncumbentError(error) ? error.code : "";
  } finally {
    unregister();
  }
}

export async function tryOut(test: (name: string, run: () => Promise<void>) => void) {
  const capabilities = { exclusion: "strict", tokens: "clock", granularity: 1 } as const;
  checkStore(test, { setUp: () => ({ open: () => new SqliteStore("a.db") }), capabilities });
  const election = createTestElection("election", options);
  await election.grant(election.electorFor("other"));
  const ids: string[] = rules.map(({ id }) => id);
  return ids.concat(election.elector.nodeId);
}

for (const store of stores) new Elector(store, "election", options);
// @ts-expect-error a mistake is seen, so these are not `any`
new Elector(new MemoryStore(), "election", { ttl: "5 s" });
// @ts-expect-error
new RedisElector(42, "election");
// @ts-expect-error
new RedisQuorumElector(new Redis(), "election");
// @ts-expect-error
new SqliteStore();
// @ts-expect-error
createTestElection(42);
