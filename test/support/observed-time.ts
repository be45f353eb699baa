import type { ObservedTime } from "../../src/stores/observed/observed-time.ts";

/** The clocks of a machine whose date is an hour ahead. */
export const hourAhead: ObservedTime = {
  now: () => performance.now(),
  wall: () => Date.now() + 3_600_000,
};
