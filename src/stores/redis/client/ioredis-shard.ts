import type { IoredisClient } from "./redis-client.ts";

/** What ioredis 5 says when the server sends what no command has asked for. */
const unasked = /Command queue state error/;

/** What is heard of the channels of a shard. */
interface ShardEvents {
  message?(channel: string, message: string): void;
  moved?(channel: string): void;
}

/**
 * The channels of a shard on a connection of ioredis. Version 6 says that some channel has moved, version 5 that it
 * understood nothing; what it is still subscribed to, both know.
 */
export function ioredisShard(client: IoredisClient, { message, moved }: ShardEvents) {
  const subscribed = new Set<string>();
  const compare = () => {
    const { subscriber = false } = client.condition ?? {};
    const left = new Set(subscriber === false ? [] : subscriber.channels("ssubscribe"));
    for (const channel of [...subscribed]) {
      if (left.has(channel)) continue;
      subscribed.delete(channel);
      moved?.(channel);
    }
  };
  const listen = () => {
    // Its types are loose, and it calls each with what its event carries.
    client.on("smessage", (message ?? (() => {})) as () => void);
    client.on("moved", compare);
    const onError = (error: unknown) => {
      if (error instanceof Error && unasked.test(error.message)) compare();
    };
    client.on("error", onError as () => void);
  };
  let isListening = false;
  return {
    subscribeShard: async (channels: readonly string[]) => {
      if (!isListening) listen();
      isListening = true;
      await client.ssubscribe?.(...channels);
      for (const channel of channels) subscribed.add(channel);
      // One of them may have moved as soon as it was subscribed to.
      compare();
    },
    unsubscribeShard: async (channel: string) => {
      subscribed.delete(channel);
      await client.sunsubscribe?.(channel);
    },
  };
}
