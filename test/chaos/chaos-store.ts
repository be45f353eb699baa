import type { Fault } from "./fault.ts";
import type { Servers } from "./servers.ts";

/** A store that chaos runs on. */
export interface ChaosStore {
  /** By what each of the five candidates connects. */
  readonly clients: readonly [string, string, string, string, string];
  /** What can go wrong with its servers, its network and its candidates. */
  readonly faults: readonly Fault[];
  /** Whether it waits after a loss of memory, so that it can be left out. */
  readonly hasGuard: boolean;
  start(): Promise<Servers>;
}
