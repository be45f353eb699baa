import type { Driver } from "../client/redis-driver.ts";
import { storeErrorOf } from "../client/redis-errors.ts";

/** How a connection listens to channels. */
export interface Listening {
  subscribe(driver: Driver, channels: readonly string[]): Promise<unknown>;
  unsubscribe(driver: Driver, channel: string): Promise<unknown>;
  /** Channels that one command may name together. */
  groupsOf(channels: readonly string[]): string[][];
  /** Whether the server will go on refusing every channel, and there is another way to hear. */
  isRefused(error: unknown): boolean;
  /** A channel was refused or ended, perhaps since it is at another node by now. */
  onMoved(): void;
}

/** By the usual pub/sub, which a cluster passes on to all of its nodes. */
export const wholeServer: Listening = {
  subscribe: (driver, channels) => driver.subscribe(channels),
  unsubscribe: (driver, channel) => driver.unsubscribe(channel),
  groupsOf: (channels) => [[...channels]],
  isRefused: () => false,
  onMoved() {},
};

/** What is known of channels in a cluster. */
export interface Shard {
  /** The hash slot of a channel. */
  slotOf(channel: string): number;
  onMoved(): void;
}

/** By the pub/sub of Redis 7 that stays within a shard. Earlier servers do not know it, and an ACL may deny it. */
export function oneShard({ slotOf, onMoved }: Shard): Listening {
  return {
    subscribe: async (driver, channels) => driver.subscribeShard?.(channels),
    unsubscribe: async (driver, channel) => driver.unsubscribeShard?.(channel),
    groupsOf: (channels) => {
      const groups = new Map<number, string[]>();
      for (const channel of channels) {
        const slot = slotOf(channel);
        groups.set(slot, [...(groups.get(slot) ?? []), channel]);
      }
      return [...groups.values()];
    },
    isRefused: (error) => storeErrorOf(error).code === "INCUMBENT_STORE_MISCONFIGURED",
    onMoved,
  };
}
