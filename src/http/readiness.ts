import type { EventSource } from "../elector/events.ts";

/**
 * Whether the elector can take part in the election, that is, whether its own requests reach the store.
 * Failed reads do not count: a caller made them and may never repeat them.
 */
export function readiness(elector: EventSource): () => boolean {
  const failing = new Set<string>();
  elector.on("storeError", ({ operation }) => {
    if (operation !== "read") failing.add(operation);
  });
  elector.on("storeRecovered", ({ operation }) => {
    failing.delete(operation);
  });
  return () => failing.size === 0;
}
