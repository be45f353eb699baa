import { ObservedStore } from "../../src/stores/observed/observed-store.ts";
import type { ObservedTime } from "../../src/stores/observed/observed-time.ts";
import { EPOCH } from "../machine-clocks.ts";
import type { RegisterPlan } from "../scenario.ts";
import type { Place } from "./place.ts";
import { RegisterClient } from "./register-client.ts";

/** The store of a process, and the client that it uses. */
export function connectToRegister(
  place: Place,
  { datesAgree }: RegisterPlan,
): { store: ObservedStore; client: RegisterClient } {
  const { schedule, process } = place;
  const sources = process.clocks.sources(() => process.time);
  const time: ObservedTime = {
    now: sources.monotonic,
    wall: datesAgree ? () => EPOCH + schedule.now : sources.wall,
  };
  const client = new RegisterClient(place);
  const traits = { name: "simulated", exclusion: "strict", tokens: "clock" } as const;
  return { client, store: new ObservedStore(client, { traits, restartGuard: true }, time) };
}
