import type { LeaseStore } from "../../src/stores/lease-store.ts";

/** What is wanted is one of the objects in `connect.mjs`: it has the address, and what connects to it. */
export function connect(wanted: object): Promise<{
  readonly store: LeaseStore;
  close(): Promise<void>;
}>;
