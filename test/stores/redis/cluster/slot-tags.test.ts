import { expect, test } from "vitest";
import { shardChannelOf, tagOf } from "../../../../src/stores/redis/cluster/slot-tags.ts";
import { SLOTS, slotOf } from "../../../../src/stores/redis/cluster/slots.ts";

test("each slot has a tag in it, which is the smallest number that is", () => {
  const tags = Array.from({ length: SLOTS }, (_, slot) => tagOf(slot));
  expect(tags.filter((tag, slot) => slotOf(tag) !== slot)).toEqual([]);
  const smaller = new Map<number, number>();
  const most = Math.max(...tags.map(Number));
  for (let number = most; number >= 0; number -= 1) smaller.set(slotOf(String(number)), number);
  expect(tags.filter((tag, slot) => smaller.get(slot) !== Number(tag))).toEqual([]);
});

test("the channel of a key has the slot of the key, whatever braces it has", () => {
  const keys = ["job", "{eu}:job", "a}b", "{}", "{}{x}", "}{", "{a", "{{a}}", "a{b}{c}", "ü{é}"];
  for (const key of keys) expect(slotOf(shardChannelOf(key))).toBe(slotOf(key));
  expect(new Set(keys.map(shardChannelOf)).size).toBe(keys.length);
});
