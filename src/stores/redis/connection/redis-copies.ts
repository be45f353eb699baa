import type { NodeRedisClient, RecognisedClient } from "../client/redis-client.ts";
import {
  ioredisDriver,
  ioredisOptions,
  nodeRedisDriver,
  type OpenDriver,
  type Opening,
} from "../client/redis-driver.ts";
import { behindSentinels } from "../sentinel/sentinel-driver.ts";
import { primaryOfGlide } from "./glide-copies.ts";
import { ioredisSentinels, nodeRedisSentinels } from "./sentinel-copies.ts";

/** Makes connections of our own, to the server of the user's client, with its settings of that moment. */
export function copiesOf(recognised: RecognisedClient, opening: Opening): OpenDriver {
  const { timer, prepare } = opening;
  switch (recognised.library) {
    case "ioredis": {
      const { client } = recognised;
      if (client.options?.sentinels) {
        return behindSentinels(ioredisSentinels(client, client.options, prepare), timer);
      }
      return prepare((events) => ioredisDriver(client.duplicate(ioredisOptions), events));
    }
    case "node-redis":
      return prepare(copyOfNodeRedis(recognised.client));
    case "node-redis-sentinel":
      return behindSentinels(nodeRedisSentinels(recognised.client, prepare), timer);
    case "glide":
      return primaryOfGlide(recognised.client, opening);
  }
}

/** Connections to the server of this client. */
export function copyOfNodeRedis(client: NodeRedisClient): OpenDriver {
  return (events) =>
    nodeRedisDriver(
      ({ socket }) =>
        client.duplicate({
          disableOfflineQueue: true,
          // Timeouts and types of the user's.
          commandOptions: {},
          commandsQueueMaxLength: undefined,
          // What it says stands among the options by now, where credentials may have been renewed.
          url: undefined,
          // It asks any server for that, and one that is no part of a cluster refuses.
          readonly: false,
          // The user's cache would be emptied whenever a copy is closed.
          clientSideCache: undefined,
          emitInvalidate: undefined,
          // An idle subscriber is no fault.
          socket: { ...client.options?.socket, socketTimeout: undefined, ...socket },
        }),
      events,
    );
}
