import { existsSync } from "node:fs";
import { invalid } from "../input.ts";
import type { LeaseStore } from "../stores/lease-store.ts";

const KNOWN = ["memory:", "sqlite:PATH", "redis://HOST", "rediss://HOST or several with commas"];

/** A comma that a URL follows: a password may have one too. */
const BETWEEN_SERVERS = /,(?=rediss?:\/\/)/i;

/** The store that a URL names. Only that store's code is loaded. Throws `INCUMBENT_INVALID_OPTION`. */
export async function openStore(url: string): Promise<LeaseStore> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case "memory": {
      if (!/^memory:(\/\/)?$/i.test(url)) throw unknown(url);
      const { MemoryStore } = await import("../stores/memory/memory-store.ts");
      return new MemoryStore();
    }
    case "sqlite": {
      const { openSqliteUrl } = await import("../stores/sqlite/sqlite-url.ts");
      return openSqliteUrl(url);
    }
    case "redis":
    case "rediss": {
      const servers = url.split(BETWEEN_SERVERS);
      if (servers.length > 1) {
        const { RedisQuorumStore } = await import("../stores/redis-quorum/redis-quorum-store.ts");
        return new RedisQuorumStore(servers);
      }
      const { RedisStore } = await import("../stores/redis/redis-store.ts");
      return new RedisStore(url);
    }
    default:
      throw unknown(url);
  }
}

/**
 * The same for a command that only looks at what is there now: a file that does not exist is a mistake in
 * its name, and not an election that nobody has won.
 */
export async function openExistingStore(url: string): Promise<LeaseStore> {
  const store = await openStore(url);
  if (!/^sqlite:/i.test(url)) return store;
  const { pathOfSqliteUrl } = await import("../stores/sqlite/sqlite-url.ts");
  if (existsSync(pathOfSqliteUrl(url))) return store;
  throw invalid({
    name: "store",
    rule: "must name a file that exists: elections are held in it once a candidate has started",
    value: url,
    example: "the store that the candidates use",
  });
}

function unknown(url: string) {
  return invalid({
    name: "store",
    rule: `must be a URL of a kind that is known: ${KNOWN.join(", ")}`,
    value: url,
    example: "redis://127.0.0.1:6379",
  });
}
