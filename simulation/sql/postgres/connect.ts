import { PostgresStore } from "../../../src/stores/postgres/postgres-store.ts";
import type { Wiring } from "../../simulated-connection.ts";
import type { SimulatedDatabase } from "../simulated-database.ts";
import { simulatedPool } from "./postgres-client.ts";

/** The store of a process. It does not look at itself: what it would ask the server is not simulated. */
export function connectToPostgres(wiring: Wiring<SimulatedDatabase>): PostgresStore {
  const { process } = wiring;
  const clock = { now: () => process.clocks.monotonicAt(process.time) };
  const store = new PostgresStore(simulatedPool(wiring), {}, process.after, clock);
  Object.defineProperty(store, "diagnose", { value: undefined });
  return store;
}
