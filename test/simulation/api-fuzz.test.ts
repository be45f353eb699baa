import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sequences } from "./api/moves.ts";
import { Player } from "./api/player.ts";

const rejections: unknown[] = [];
const onRejection = (error: unknown) => rejections.push(error);
beforeAll(() => {
  process.on("unhandledRejection", onRejection);
});
afterAll(() => {
  process.off("unhandledRejection", onRejection);
});

describe("whatever a user, the time and the store do", () => {
  // fast-check prints the seed, and the shortest sequence that it finds.
  test("callbacks are told what they are owed, a stop is complete, and every promise settles", async () => {
    await fc.assert(
      fc.asyncProperty(sequences, async (sequence) => {
        rejections.length = 0;
        const player = new Player(sequence);
        await player.play(sequence.moves);
        const unhandled = rejections.map((error) => `G8: nobody handles ${error}`);
        expect([...player.complaints, ...unhandled]).toEqual([]);
      }),
      { numRuns: Number(process.env["SEQUENCES"] ?? 5000) },
    );
  }, 240_000);
});
