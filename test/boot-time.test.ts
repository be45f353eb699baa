import { uptime } from "node:os";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bootTime } from "../src/boot-time.ts";

/** Modules of Node.js as another system would have them. */
function onSystem(readFileSync: () => string): void {
  const modules: Record<string, unknown> = {
    "node:fs": { readFileSync },
    "node:os": { uptime: () => 77 },
  };
  // The two modules that are asked for, with the two functions that are used.
  vi.spyOn(process, "getBuiltinModule").mockImplementation(
    ((name: string) => modules[name]) as never,
  );
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the time since boot", () => {
  test("is that of the machine", () => {
    const before = uptime() * 1000;
    const { ms, resolution } = bootTime();
    expect(ms).toBeGreaterThan(before - 1000 - resolution);
    expect(ms).toBeLessThan(uptime() * 1000 + 1000 + resolution);
  });

  test("is read to 10 ms from the first number in /proc/uptime", () => {
    onSystem(() => "12.34 56.78\n");
    expect(bootTime()).toEqual({ ms: 12_340, resolution: 10 });
  });

  test.each(["", "0.00 0.00", "what?"])(
    "is asked of the system when /proc/uptime says %j",
    (text) => {
      onSystem(() => text);
      expect(bootTime()).toEqual({ ms: 77_000, resolution: 1000 });
    },
  );

  test("is asked of the system when there is no /proc/uptime", () => {
    onSystem(() => {
      throw new Error("ENOENT");
    });
    expect(bootTime()).toEqual({ ms: 77_000, resolution: 1000 });
  });
});
