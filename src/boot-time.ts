import { readFileSync } from "node:fs";
import { uptime } from "node:os";

/** Time since the machine booted, in ms, and how exactly it is known. */
export interface BootTime {
  readonly ms: number;
  readonly resolution: number;
}

/**
 * The clock that counts while the machine sleeps and that nobody can set. On Linux the monotonic
 * clock of every runtime stands still during suspend (nodejs/node#47724); this one does not.
 *
 * Costs about 10 µs. `os.uptime()` would do on Node.js, but is in whole seconds under Bun and Deno.
 */
export function bootTime(): BootTime {
  try {
    const seconds = Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
    if (seconds > 0) return { ms: seconds * 1000, resolution: 10 };
  } catch {
    // Not Linux.
  }
  return { ms: uptime() * 1000, resolution: 1000 };
}
