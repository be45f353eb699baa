import { builtin } from "./builtin.ts";

/** Time since the machine booted, and the resolution of that time, both in ms. */
export interface BootTime {
  readonly ms: number;
  readonly resolution: number;
}

/**
 * A clock that advances while the machine sleeps and that cannot be set. On Linux the monotonic clock of
 * every runtime stops during suspend (nodejs/node#47724); this one does not.
 *
 * A call takes about 10 µs. `os.uptime()` would suffice on Node.js, but has a resolution of one second
 * under Bun and Deno.
 */
export function bootTime(): BootTime {
  try {
    const seconds = Number.parseFloat(builtin.fs.readFileSync("/proc/uptime", "utf8"));
    if (seconds > 0) return { ms: seconds * 1000, resolution: 10 };
  } catch {
    // Not Linux.
  }
  return { ms: builtin.os.uptime() * 1000, resolution: 1000 };
}
