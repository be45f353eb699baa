/** Time since the machine booted, in ms, and how exactly it is known. */
export interface BootTime {
  readonly ms: number;
  readonly resolution: number;
}

/**
 * The clock that counts while the machine sleeps and that cannot be set. On Linux the monotonic
 * clock of every runtime stands still during suspend (nodejs/node#47724); this one does not.
 *
 * Costs about 10 µs. `os.uptime()` would do on Node.js, but is in whole seconds under Bun and Deno.
 */
export function bootTime(): BootTime {
  // Loaded here, because an import would cost every process 4 ms, and few ever need to ask.
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
