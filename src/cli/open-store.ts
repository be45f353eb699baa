import { existsSync } from "node:fs";
import { invalid } from "../input.ts";
import type { LeaseStore } from "../stores/lease-store.ts";
import { openSqliteUrl, pathOfSqliteUrl } from "./sqlite-url.ts";

const KNOWN = [
  "memory:",
  "sqlite:PATH",
  "redis://HOST",
  "rediss://HOST, or several of these separated by commas",
  "redis+unix:///PATH of a socket",
  "redis+sentinel://HOST,HOST,HOST/PRIMARY, or rediss+sentinel:// with TLS",
  "redis+cluster://HOST,HOST",
  "postgres://HOST/DATABASE",
  "mysql://HOST/DATABASE, or mariadb:// to prefer that client",
  "kubernetes:NAMESPACE",
  "nats://HOST",
  "consul://HOST",
  "dynamodb://TABLE",
  "zookeeper://HOST",
  "etcd://HOST or etcds://HOST",
];

/** A comma before a URL. Other commas may be part of a password. */
const BETWEEN_SERVERS = /,(?=rediss?:\/\/)/i;

/** Opens the store that the URL names, and loads only the code of that store. Throws `INCUMBENT_INVALID_OPTION`. */
export async function openStore(url: string): Promise<LeaseStore> {
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case "memory": {
      if (!/^memory:(\/\/)?$/i.test(url)) throw unknown(url);
      const { MemoryStore } = await import("../index.ts");
      return new MemoryStore();
    }
    case "sqlite": {
      return openSqliteUrl(url);
    }
    case "redis":
    case "rediss":
    case "redis+unix":
    case "redis+sentinel":
    case "rediss+sentinel":
    case "redis+cluster":
    case "rediss+cluster": {
      const servers = url.split(BETWEEN_SERVERS);
      if (servers.length > 1) {
        const { RedisQuorumStore } = await import("../redis-quorum.ts");
        return new RedisQuorumStore(servers);
      }
      const { RedisStore } = await import("../redis.ts");
      return new RedisStore(url);
    }
    case "postgres":
    case "postgresql": {
      const { PostgresStore } = await import("../postgres.ts");
      return new PostgresStore(url);
    }
    case "mysql":
    case "mariadb": {
      const { MysqlStore } = await import("../mysql.ts");
      return new MysqlStore(url);
    }
    case "kubernetes": {
      const { KubernetesStore } = await import("../kubernetes.ts");
      return new KubernetesStore(url);
    }
    case "nats": {
      const { NatsStore } = await import("../nats.ts");
      return new NatsStore(url);
    }
    case "consul": {
      const { ConsulStore } = await import("../consul.ts");
      return new ConsulStore(url);
    }
    case "dynamodb": {
      const { DynamodbStore } = await import("../dynamodb.ts");
      return new DynamodbStore(url);
    }
    case "zookeeper": {
      const { ZookeeperStore } = await import("../zookeeper.ts");
      return new ZookeeperStore(url);
    }
    case "etcd":
    case "etcds": {
      const { EtcdStore } = await import("../etcd.ts");
      return new EtcdStore(url);
    }
    default:
      throw unknown(url);
  }
}

/**
 * The same for a command that only reads: if the file does not exist, its name must be wrong, so this
 * throws instead of reporting an election without a leader.
 */
export async function openExistingStore(url: string): Promise<LeaseStore> {
  const store = await openStore(url);
  if (!/^sqlite:/i.test(url)) return store;
  if (existsSync(pathOfSqliteUrl(url))) return store;
  throw invalid({
    name: "store",
    rule: "must name an existing file; the first candidate that starts creates it",
    value: url,
    example: "the store that the candidates use",
  });
}

function unknown(url: string) {
  return invalid({
    name: "store",
    rule: `must be a URL of a known kind: ${KNOWN.join(", ")}`,
    value: url,
    example: "redis://127.0.0.1:6379",
  });
}
