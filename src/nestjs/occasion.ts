import { timeOfDay } from "../elector/time/clock.ts";
import { isCronJob } from "./metadata.ts";

/**
 * When a method that is called now was due, in ms since 1970; `undefined` if it is no cron job. Those are due at whole
 * seconds. Asked at each call: `@Cron()` may be applied after `@LeaderOnly()`.
 */
export function occasionOf(method: object): number | undefined {
  return isCronJob(method) ? Math.floor(timeOfDay() / 1000) * 1000 : undefined;
}
