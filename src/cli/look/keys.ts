import { IncumbentError } from "../../errors.ts";
import type { LeaseStore } from "../../stores/lease-store.ts";

/** How long the store may take to list its elections, in ms. */
const PATIENCE = 3000;

/** The elections in the store, in order. Throws `INCUMBENT_INVALID_OPTION` if it cannot list them. */
export async function keysOf(store: LeaseStore): Promise<string[]> {
  const signal = AbortSignal.timeout(PATIENCE);
  const clock = { now: () => performance.now() };
  const keys = await store.keys?.({ clock, signal });
  if (keys !== undefined) return keys.sort();
  const message = `A ${store.traits.name} store cannot list its elections: give the KEY of one.`;
  throw new IncumbentError("INCUMBENT_INVALID_OPTION", message);
}
