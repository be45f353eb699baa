// Kills a command when its lease is about to end, or when the process that renews the lease has died. It
// reads orders from standard input. If that closes, its parent has died.

import { createInterface } from "node:readline";
import { systemClock } from "../../elector/time/clock.ts";
import { removeStatusFile, type StatusFile } from "../serve/status-file.ts";
import { endFamily } from "./end-family.ts";
import { Family } from "./family.ts";
import { type GuardOrder, machineTime } from "./guard.ts";

const clock = systemClock();
const families = new Map<string, { family: Family; unwatch: () => void }>();
let grace = 0;
let statusFile: StatusFile | undefined;
let killAt = Number.POSITIVE_INFINITY;
let disarm = () => {};
let ending = false;

// Signals are meant for the command; one that is sent to the whole group must not end its guard.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)
  process.on(signal, () => {});
// The reader of the log may be gone.
process.stderr.on("error", () => {});

/** Ends all known processes, then the guard: SIGTERM first, and SIGKILL from `deadline` on. */
async function endAll(deadline: number): Promise<void> {
  ending = true;
  disarm();
  const killNow = () => clock.now() >= Math.min(deadline, killAt);
  const ends = [...families.values()].map(({ family }) =>
    endFamily(family, "SIGTERM", killNow, ({ forbidden, undead }) => {
      const pids = [...forbidden, ...undead].join(", ");
      process.stderr.write(
        `incumbent: cannot kill process ${pids}, and the lease is about to end\n`,
      );
    }),
  );
  await Promise.all(ends);
  try {
    if (statusFile !== undefined) removeStatusFile(statusFile);
  } finally {
    process.exit();
  }
}

function extend(until: number): void {
  killAt = until;
  disarm();
  if (!ending) disarm = clock.timer(killAt, () => void endAll(killAt));
}

function obey(order: GuardOrder): void {
  switch (order.order) {
    case "protect":
      ({ grace, statusFile } = order);
      return;
    case "know":
      know(order.mark).include(order.known);
      return;
    case "forget":
      families.get(order.mark)?.unwatch();
      families.delete(order.mark);
      return;
    case "extend":
      extend(clock.now() + order.forMs - Math.max(0, machineTime() - order.at));
      return;
    case "dismiss":
      process.exit();
  }
}

function know(mark: string): Family {
  const known = families.get(mark)?.family;
  if (known !== undefined) return known;
  const family = new Family(mark);
  families.set(mark, { family, unwatch: family.watch() });
  return family;
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => obey(JSON.parse(line) as GuardOrder)); // The class Guard wrote it.
lines.on("close", () => {
  if (!ending) void endAll(clock.now() + grace);
});
