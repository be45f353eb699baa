import { IncumbentError } from "../../../errors.ts";
import { optionalPackage } from "../../../optional-package.ts";
import { type AddressMap, addressOf, mapped, type Place, placeOf } from "../client/address.ts";
import type { IoredisOptions, NodeRedisSentinelOptions } from "../client/client-options.ts";
import type { IoredisClient, NodeRedisSentinel } from "../client/redis-client.ts";
import {
  ioredisDriver,
  ioredisOptions,
  nodeRedisDriver,
  type Opening,
} from "../client/redis-driver.ts";
import type { SentinelDeployment } from "../sentinel/sentinel-driver.ts";
import { sentinelOptionsOf } from "../sentinel/sentinel-options.ts";
import type { NodeRedisPackage } from "./redis-packages.ts";

/** Connections like those that an ioredis client with `sentinels` makes. */
export function ioredisSentinels(
  client: IoredisClient,
  { sentinels, name = "" }: IoredisOptions,
  prepare: Opening["prepare"],
): SentinelDeployment {
  const single = { ...ioredisOptions, sentinels: null };
  const places = (sentinels ?? []).map(({ host = "127.0.0.1", port = 26_379, family }) => {
    return { host, port, family };
  });
  return {
    name,
    sentinels: eachOnce(places).map(({ host, port, family }) => {
      return prepare((events) => {
        const { options = {} } = client;
        const login = {
          username: options.sentinelUsername ?? null,
          password: options.sentinelPassword ?? null,
        };
        const place = { host, port, family: family ?? options.family, tls: options.sentinelTLS };
        const plain = { db: 0, keyPrefix: "", connectionName: undefined };
        return ioredisDriver(client.duplicate({ ...single, ...place, ...login, ...plain }), events);
      });
    }),
    openServer: (host, port) =>
      prepare((events) => {
        const { natMap, enableTLSForSentinelMode, tls } = client.options ?? {};
        const place = reached({ host, port }, natMap);
        const secure = enableTLSForSentinelMode ? tls : undefined;
        return ioredisDriver(client.duplicate({ ...single, ...place, tls: secure }), events);
      }),
  };
}

/** Connections like those that a client of node-redis's `createSentinel` makes. */
export function nodeRedisSentinels(
  client: NodeRedisSentinel,
  prepare: Opening["prepare"],
): SentinelDeployment {
  const given = sentinelOptionsOf(client);
  const { createClient } = nodeRedisPackage();
  const open = (place: Place, options: () => NodeRedisSentinelOptions["nodeClientOptions"]) =>
    prepare((events) => {
      const { socket: own, ...others } = options() ?? {};
      const { RESP } = given;
      return nodeRedisDriver(({ socket }) => {
        const all = { RESP, ...others, disableOfflineQueue: true };
        return createClient({
          ...all,
          clientSideCache: undefined,
          commandOptions: {},
          commandsQueueMaxLength: undefined,
          socket: { ...own, socketTimeout: undefined, ...place, ...socket },
        });
      }, events);
    });
  return {
    name: given.name,
    sentinels: eachOnce(
      given.sentinelRootNodes.map((place) => reached(place, given.nodeAddressMap)),
    ).map((place) => open(place, () => given.sentinelClientOptions)),
    openServer: (host, port) =>
      open(reached({ host, port }, given.nodeAddressMap), () => given.nodeClientOptions),
  };
}

/** One that is named twice would count twice in a majority. */
function eachOnce<Named extends Place>(places: readonly Named[]): Named[] {
  return [...new Map(places.map((place) => [addressOf(place), place])).values()];
}

function reached(place: Place, map: AddressMap | undefined): Place {
  return placeOf(mapped(addressOf(place), map));
}

function nodeRedisPackage(): NodeRedisPackage {
  // What they export is for their own documentation to say.
  const found = optionalPackage("redis") ?? optionalPackage("@redis/client");
  if (found !== undefined) return found as NodeRedisPackage;
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    "A client of createSentinel needs the package that it is from: npm install redis.",
  );
}
