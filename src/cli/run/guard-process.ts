// Kills a command when the lease is nearly over, or when the process that renews it has died. Reads
// orders from its standard input; the end of that is the death of its parent.

import { rmSync } from "node:fs";
import { createInterface } from "node:readline";
import { systemClock } from "../../elector/clock.ts";
import type { GuardOrder } from "./guard.ts";
import { type Family, isAlive, signalFamily } from "./survivors.ts";

/** From one look at survivors to the next. */
const LOOK_EVERY = 20;

const clock = systemClock();
let family: Family | undefined;
let grace = 0;
let statusFile: string | undefined;
let killAt = Number.POSITIVE_INFINITY;
let disarm = () => {};

// Whoever is to end it tells it so; a signal to a whole group must not.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => {});

function arm(at: number, then: () => void): void {
  disarm();
  disarm = clock.timer(at, then);
}

/** Waits until nothing is alive, and from its time on sees to that. */
function watchOver(deadline: number): void {
  if (family === undefined || !isAlive(family)) leave();
  if (clock.now() >= deadline) signalFamily(family, "SIGKILL");
  arm(clock.now() + LOOK_EVERY, () => watchOver(deadline));
}

function leave(): never {
  if (statusFile !== undefined) rmSync(statusFile, { force: true });
  process.exit();
}

function obey(order: GuardOrder): void {
  switch (order.order) {
    case "protect":
      ({ family, grace, statusFile } = order);
      return;
    case "know":
      ({ family } = order);
      return;
    case "extend":
      killAt = clock.now() + order.forMs;
      arm(killAt, () => watchOver(killAt));
      return;
    case "dismiss":
      process.exit();
  }
}

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => obey(JSON.parse(line) as GuardOrder)); // Written by the guard's own class.
lines.on("close", () => {
  if (family !== undefined) signalFamily(family, "SIGTERM");
  watchOver(Math.min(killAt, clock.now() + grace));
});
