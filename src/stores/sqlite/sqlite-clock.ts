import { type BootTime, bootTime } from "../../boot-time.ts";
import { builtin } from "../../builtin.ts";

/** What the clocks that all processes of a machine share say; none of them but `wall` can be set. */
export interface Clocks {
  /** Which boot of the machine this is; empty where it cannot be known. */
  bootId(): string;
  /** The system-wide monotonic clock, in ms; nothing under a runtime that starts it at 0. */
  monotonic(): number | undefined;
  bootTime(): BootTime;
  /** Milliseconds since 1970, for tokens and `since` alone: it must not decide who leads. */
  wall(): number;
}

/** The clocks, and what is to be done later. */
export interface MachineClock extends Clocks {
  /** Calls `fire` once when all that this turn of the event loop brings has had its turn. */
  soon(fire: () => void): void;
  /** Calls `fire` once after `delay` ms, without keeping the process alive. */
  after(delay: number, fire: () => void): () => void;
}

/**
 * When a lease ends, in whole µs: exact, so that a reading that comes back is the same number.
 *
 * It is written on two clocks, because Bun and Deno have no monotonic clock that another process could
 * read. They differ only if the machine sleeps, which the clock since boot counts: then a lease ends
 * during the sleep for those who read that clock. It may, since electors stop believing in their lease
 * on a clock that counts sleep, too.
 */
export interface Stamp {
  readonly bootId: string;
  readonly endsMonotonic: number | null;
  readonly endsBoot: number;
  /** How exactly the writer knew the time since boot. */
  readonly bootResolution: number;
}

/** How long a lease still lasts, as far as one can know. In ms. */
export interface Remaining {
  /** 0 or less only if the lease has surely ended. */
  readonly left: number;
  /** By how much `left` may be too much. */
  readonly slack: number;
}

/**
 * The clocks as they stand now, for all that is decided in one transaction: to read them takes longer than to
 * decide. Nothing may be decided that was asked for later, or its lease would end before its trust does.
 */
export function reading(clock: Clocks): Clocks {
  const [bootId, monotonic, bootTime] = [clock.bootId(), clock.monotonic(), clock.bootTime()];
  const wall = clock.wall();
  return {
    bootId: () => bootId,
    monotonic: () => monotonic,
    bootTime: () => bootTime,
    wall: () => wall,
  };
}

/** The stamp of a lease that ends in `lifetime` ms. */
export function stamp(lifetime: number, clock: Clocks): Stamp {
  const monotonic = clock.monotonic();
  const { ms, resolution } = clock.bootTime();
  return {
    bootId: clock.bootId(),
    endsMonotonic: monotonic === undefined ? null : micros(monotonic) + micros(lifetime),
    endsBoot: micros(ms) + micros(lifetime),
    bootResolution: micros(resolution),
  };
}

/** How long the lease with this stamp and ttl still lasts. */
export function remaining(ends: Stamp, ttl: number, clock: Clocks): Remaining {
  const bootId = clock.bootId();
  const known = ends.bootId !== "" && bootId !== "";
  // Who held it then is gone.
  if (known && ends.bootId !== bootId) return { left: 0, slack: 0 };
  const { left, slack } = byClock(ends, clock);
  // Without the boot's identity, a clock that reads less than when this was written proves a reboot.
  // Otherwise what an earlier boot left lasts one ttl at most.
  return !known && left > ttl + slack ? { left: 0, slack } : { left, slack };
}

function byClock(ends: Stamp, clock: Clocks): Remaining {
  const monotonic = clock.monotonic();
  if (monotonic !== undefined && ends.endsMonotonic !== null) {
    return { left: (ends.endsMonotonic - micros(monotonic)) / 1000, slack: 0 };
  }
  const { ms, resolution } = clock.bootTime();
  // Either side may have read too little or too much. The worst of it is added, so that the lease has
  // surely ended; if the error was the other way round, it counts twice.
  const error = ends.bootResolution + micros(resolution);
  return { left: (ends.endsBoot - micros(ms) + error) / 1000, slack: (2 * error) / 1000 };
}

function micros(ms: number): number {
  return Math.floor(ms * 1000);
}

let shared: MachineClock | undefined;

/** The clocks of this machine, made on first use so that importing the package costs nothing. */
export function machineClock(): MachineClock {
  shared ??= createMachineClock();
  return shared;
}

function createMachineClock(): MachineClock {
  const bootId = readBootId();
  const offsets = namespaceOffsets();
  return {
    bootId: () => bootId,
    monotonic: () =>
      hasSharedMonotonic ? Number(process.hrtime.bigint()) / 1e6 - offsets.monotonic : undefined,
    bootTime: () => {
      const { ms, resolution } = bootTime();
      return { ms: ms - offsets.bootTime, resolution };
    },
    wall: () => Date.now(),
    soon: (fire) => void setImmediate(fire),
    after: (delay, fire) => {
      const timer = setTimeout(fire, delay);
      timer.unref();
      return () => clearTimeout(timer);
    },
  };
}

// Measured: on Node.js it is the clock of the system, under Bun 1.4 and Deno 2.9 it starts with the
// process. Both call themselves Node.js, so only the absence of their own versions shows it.
const { bun, deno } = process.versions;
const hasSharedMonotonic = bun === undefined && deno === undefined;

/** What `statfs` says of a file of the kernel's own. */
const PROCFS = 0x9fa0;

function readBootId(): string {
  try {
    if (process.platform === "darwin") {
      const text = builtin.childProcess.execFileSync("/usr/sbin/sysctl", [
        "-n",
        "kern.bootsessionuuid",
      ]);
      return text.toString("utf8").trim();
    }
    const path = "/proc/sys/kernel/random/boot_id";
    // Container managers (systemd-nspawn, LXD) mount a file of their own over it. Two containers on one
    // machine would then take each other for gone.
    return builtin.fs.statfsSync(path).type === PROCFS
      ? builtin.fs.readFileSync(path, "utf8").trim()
      : "";
  } catch {
    return "";
  }
}

/** A Linux time namespace moves both clocks; taken back, so that containers agree on the time. */
function namespaceOffsets(): { readonly monotonic: number; readonly bootTime: number } {
  const offsets = { monotonic: 0, bootTime: 0 };
  try {
    const text = builtin.fs.readFileSync("/proc/self/timens_offsets", "utf8");
    for (const [, name, seconds, nanoseconds] of text.matchAll(/^(\w+)\s+(-?\d+)\s+(-?\d+)$/gm)) {
      const ms = Number(seconds) * 1000 + Number(nanoseconds) / 1e6;
      if (name === "monotonic") offsets.monotonic = ms;
      if (name === "boottime") offsets.bootTime = ms;
    }
  } catch {
    // Not Linux, or one without time namespaces.
  }
  return offsets;
}
