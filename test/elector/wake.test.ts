import { expect, test, vi } from "vitest";
import type { Clock } from "../../src/elector/time/clock.ts";
import { last, stage } from "./stage.ts";

test("only a renewal in turn may be pulled forward, by a tenth of its interval", async () => {
  const { clock, store, elector, lead } = stage();
  const timer = vi.spyOn<Clock, "timer">(clock, "timer");
  /** What was armed since the last look, as time and slack. */
  const armed = () => {
    const made = timer.mock.calls.map(([at, , slack]) => [at, slack]);
    timer.mockClear();
    return made;
  };
  await elector.start();
  expect(armed()).toEqual([[300, 0]]);
  await lead();
  expect(armed()).toEqual([[300, 30]]);
  await clock.advance(300);
  expect(armed()).toEqual([[450, 0]]);
  await clock.advance(150);
  last(store.renews).fail(new Error("down"));
  await clock.advance(0);
  expect(armed()).toEqual([
    [600, 0],
    [500, 0],
  ]);
  await clock.advance(50);
  last(store.renews).answer({ renewed: true });
  await clock.advance(0);
  expect(armed().at(-1)).toEqual([800, 30]);
});
