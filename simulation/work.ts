import type { Term } from "../src/elector/terms/term.ts";
import type { WorkPlan } from "./scenario.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

export class WorkFailed extends Error {}

/** The work of a simulated user. */
export function work(
  { lasts, throws, heedsSignal }: WorkPlan,
  { signal }: Term,
  process: SimulatedProcess,
): Promise<void> {
  return new Promise((resolve, reject) => {
    process.after(lasts, () => {
      if (throws) reject(new WorkFailed());
      else resolve();
    });
    if (heedsSignal) signal.addEventListener("abort", () => reject(signal.reason));
  });
}
