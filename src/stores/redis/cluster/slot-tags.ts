import { SLOTS, slotOf } from "./slots.ts";

/** The tags that were found so far, and the number that is looked at next. */
const tags: (string | undefined)[] = new Array(SLOTS);
let next = 0;

/** A hash tag that lies in this slot: the smallest number that does. The same in every process. */
export function tagOf(slot: number): string {
  for (;;) {
    const tag = tags[slot];
    if (tag !== undefined) return tag;
    tags[slotOf(String(next))] ??= String(next);
    next += 1;
  }
}

/**
 * The channel of an election in the shard that has its slot; `key`: with the client's prefix. The key cannot be the
 * hash tag by itself: it may have tags of its own, or a `}` behind which it would not count. The script says the same.
 */
export function shardChannelOf(key: string): string {
  return `incumbent:{${tagOf(slotOf(key))}}:${key}`;
}
