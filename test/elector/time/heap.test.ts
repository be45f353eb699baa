import fc from "fast-check";
import { expect, test } from "vitest";
import { Heap } from "../../../src/elector/time/heap.ts";

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);

function takeAll(heap: Heap<number>): number[] {
  const taken: number[] = [];
  for (let next = heap.take(); next !== undefined; next = heap.take()) taken.push(next);
  return taken;
}

test("a heap gives what was added in order, without what was not kept", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), fc.integer(), (numbers, divisor) => {
      const heap = new Heap<number>((one, other) => one < other);
      for (const number of numbers) heap.add(number);
      expect(heap.size).toBe(numbers.length);
      expect(heap.first).toBe(sorted(numbers)[0]);
      const isKept = (number: number) => number % divisor !== 0;
      heap.keep(isKept);
      expect(takeAll(heap)).toEqual(sorted(numbers.filter(isKept)));
      expect(heap.size).toBe(0);
    }),
  );
});
