import { expect, test } from "vitest";
import { Memories } from "../../../src/stores/redis-quorum/memories.ts";

test("an election is remembered until it is forgotten", () => {
  const memories = new Memories();
  const memory = memories.of("job");
  const fresh = { seen: 0, splits: 0, splitAt: Number.NEGATIVE_INFINITY };
  expect(memory).toEqual(fresh);
  memory.splits = 1;
  expect(memories.of("job")).toBe(memory);
  expect(memories.of("mail")).not.toBe(memory);
  memories.forget("job");
  expect(memories.of("job")).toEqual(fresh);
});

test("of more than a thousand, the one that was not asked for longest is forgotten", () => {
  const memories = new Memories();
  const first = memories.of("first");
  const second = memories.of("second");
  for (let count = 2; count < 1000; count += 1) memories.of(`other ${count}`);
  expect(memories.of("first")).toBe(first);
  memories.of("one more");
  expect(memories.of("first")).toBe(first);
  expect(memories.of("second")).not.toBe(second);
});
