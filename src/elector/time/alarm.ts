import type { Clock } from "./clock.ts";
import type { Alarm } from "./timer-queue.ts";

/** The alarm of a clock; if it has none, one that arms a timer each time. */
export function alarmOn(clock: Clock, fire: () => void): Alarm {
  if (clock.alarm !== undefined) return clock.alarm(fire);
  let cancel = () => {};
  return {
    set(at, slack) {
      cancel();
      cancel = clock.timer(at, fire, slack);
    },
    clear() {
      cancel();
      cancel = () => {};
    },
  };
}
