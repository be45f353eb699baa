import { invalid, visibleName } from "../../../input.ts";
import { type Address, addressOf, mapped, type Place, placeOf } from "../client/address.ts";
import { deferred } from "../client/deferred-driver.ts";
import { type GlideClusterClient, glideSettings } from "../client/glide-client.ts";
import type { IoredisClient, NodeRedisClient } from "../client/redis-client.ts";
import {
  type ConnectionEvents,
  ioredisDriver,
  ioredisOptions,
  type OpenDriver,
} from "../client/redis-driver.ts";
import { openerOfGlide } from "../connection/glide-copies.ts";
import { copyOfNodeRedis } from "../connection/redis-copies.ts";
import { findLibrary } from "../connection/redis-packages.ts";
import {
  type ClusterNodeOfNodeRedis,
  type IoredisCluster,
  type NodeRedisClusterInside,
  type RecognisedCluster,
  recogniseCluster,
} from "./cluster-client.ts";
import { isClusterUrl, readClusterUrl } from "./cluster-url.ts";

/** How the nodes of one cluster are found and reached. */
export interface ClusterSource {
  /** What the client puts before every key. */
  readonly keyPrefix: string;
  /** The nodes that are known from the beginning. */
  seeds(): Promise<readonly Address[]>;
  /** Where a node is reached that calls itself so. */
  reach(address: Address): Address;
  /** Makes connections to the node at this address, with the settings of that moment. */
  open(address: Address): OpenDriver;
  /** Makes connections for channels of its shard, whose names have no prefix; absent if the library knows none. */
  openShard?: ((address: Address) => OpenDriver) | undefined;
}

/** Whether a store is given this in place of a client. */
export function isClusterSource(client: unknown): client is ClusterSource {
  return typeof client === "object" && client !== null && "seeds" in client;
}

/** Nothing if it is not a cluster. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
export function clusterSourceOf(client: unknown): ClusterSource | undefined {
  if (isClusterUrl(client)) return sourceOfUrl(client);
  const recognised = recogniseCluster(client);
  return recognised === undefined ? undefined : sourceOf(recognised);
}

function sourceOfUrl(text: string): ClusterSource {
  const { seeds, node, hrefOf } = readClusterUrl(text);
  const library = findLibrary();
  const open = (address: Address) => library({ ...node, href: hrefOf(address) });
  return {
    keyPrefix: "",
    seeds: async () => seeds,
    reach: (address) => address,
    open,
    openShard: open,
  };
}

function sourceOf(recognised: RecognisedCluster): ClusterSource {
  switch (recognised.library) {
    case "ioredis":
      return sourceOfIoredis(recognised.client);
    case "node-redis":
      return sourceOfNodeRedis(recognised.client);
    case "glide":
      return sourceOfGlide(recognised.client);
  }
}

function sourceOfGlide(cluster: GlideClusterClient): ClusterSource {
  const { database } = glideSettings(cluster);
  if (database !== 0) {
    const rule = "must be 0 or left out, since a cluster has no other database";
    throw invalid({ name: "databaseId of the client", rule, value: database, example: "0" });
  }
  const open = openerOfGlide(cluster);
  return {
    keyPrefix: "",
    seeds: async () => glideSettings(cluster).addresses,
    reach: (address) => glideSettings(cluster).reach(address),
    open,
    openShard: open,
  };
}

function sourceOfIoredis(cluster: IoredisCluster): ClusterSource {
  const { keyPrefix = "" } = cluster.options;
  if (keyPrefix !== "") {
    visibleName("keyPrefix", keyPrefix, { min: 1, max: 512, example: '"billing:"' });
  }
  const openWith = (prefix: string) => (address: Address) =>
    deferred(async () => {
      const [node] = await nodesOf(cluster, placeOf(address));
      if (node === undefined) throw new Error(`the client knows no way to ${address}`);
      return (events) =>
        ioredisDriver(node.duplicate({ ...ioredisOptions, keyPrefix: prefix }), events);
    });
  return {
    keyPrefix,
    seeds: async () => {
      const places = (await nodesOf(cluster)).map(({ options }) => options as Partial<Place>);
      return places.map(({ host = "127.0.0.1", port = 6379 }) => addressOf({ host, port }));
    },
    reach: (address) => mapped(address, cluster.options.natMap),
    open: openWith(keyPrefix),
    openShard: cluster.ssubscribe === undefined ? undefined : openWith(""),
  };
}

/**
 * Clients of single nodes, which are not connected, as a copy of the cluster client makes them: of the nodes that it
 * begins with, or of this one.
 */
async function nodesOf(cluster: IoredisCluster, place?: Place): Promise<IoredisClient[]> {
  const found: IoredisClient[] = [];
  const copy = cluster.duplicate(place === undefined ? [] : [place], {
    lazyConnect: true,
    clusterRetryStrategy: null,
    shardedSubscribers: false,
    // The names stay as they are, for the certificates to be checked against.
    dnsLookup: (host: string, done: (error: null, host: string) => void) => done(null, host),
    ...(place === undefined ? {} : { useSRVRecords: false }),
  });
  await new Promise<void>((resolve, reject) => {
    const onNode = (node: IoredisClient) => {
      found.push(node);
      // Before any of them connects. Several are made in one go, of which this is the first.
      if (place === undefined) queueMicrotask(() => copy.disconnect());
      else copy.disconnect();
      resolve();
    };
    // Its type is loose, and it calls each with what the event carries.
    copy.on("+node", onNode as () => void);
    copy.on("error", () => {});
    copy.connect().catch(reject);
  });
  return found;
}

function sourceOfNodeRedis(cluster: NodeRedisClusterInside): ClusterSource {
  const { rootNodes, nodeAddressMap } = cluster._options;
  const open = (address: Address) => (events: ConnectionEvents) =>
    copyOfNodeRedis(nodeOf(cluster, address))(events);
  return {
    keyPrefix: "",
    seeds: async () =>
      rootNodes.map(({ url, socket }) => {
        const { hostname, port } = new URL(url ?? "redis://127.0.0.1");
        const named = { host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) || 6379 };
        return addressOf({ host: socket?.host ?? named.host, port: socket?.port ?? named.port });
      }),
    reach: (address) => mapped(address, nodeAddressMap),
    open,
    openShard: open,
  };
}

/** A client of one node, which connects nothing: all its attempts are aborted before they begin. */
function nodeOf(cluster: NodeRedisClusterInside, address: Address): NodeRedisClient {
  const { defaults } = cluster._options;
  const socket = { ...defaults?.socket, signal: AbortSignal.abort(), reconnectStrategy: false };
  const copy = cluster.duplicate({
    defaults: { ...defaults, socket },
    // The address is the one that is reached already.
    nodeAddressMap: undefined,
    // The user's cache would be emptied whenever a copy is closed.
    clientSideCache: undefined,
  });
  copy.on("error", () => {});
  const node: ClusterNodeOfNodeRedis = { ...placeOf(address), address, readonly: false };
  copy.nodeClient(node).catch(() => {});
  if (node.client === undefined) throw new Error(`the client knows no way to ${address}`);
  return node.client;
}
