import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sequences } from "./api/moves.ts";
import { Player } from "./api/player.ts";

/** Of this process: rejections that are not handled, and warnings. */
const noise: unknown[] = [];
const onNoise = (error: unknown) => noise.push(error);
beforeAll(() => {
  process.on("unhandledRejection", onNoise);
  process.on("warning", onNoise);
});
afterAll(() => {
  process.off("unhandledRejection", onNoise);
  process.off("warning", onNoise);
});

export function randomCalls(numRuns: number): void {
  describe("whatever a user, the time and the store do", () => {
    // fast-check prints the seed, and the shortest sequence that it finds.
    test("callbacks hear what they are owed, a stop is complete, and every promise settles", async () => {
      await fc.assert(
        fc.asyncProperty(sequences, async (sequence) => {
          noise.length = 0;
          const player = new Player(sequence);
          await player.play(sequence.moves);
          expect([...player.complaints, ...noise.map((each) => `G8: ${each}`)]).toEqual([]);
        }),
        { numRuns },
      );
    }, 240_000);
  });
}
