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
  // Loaded on demand: an import would cost every process 4 ms, and few processes ever call this.
  const { readFileSync } = process.getBuiltinModule("node:fs");
  try {
    const seconds = Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
    if (seconds > 0) return { ms: seconds * 1000, resolution: 10 };
  } catch {
    // Not Linux.
  }
  const { uptime } = process.getBuiltinModule("node:os");
  return { ms: uptime() * 1000, resolution: 1000 };
}
