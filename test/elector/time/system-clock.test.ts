import { expect, onTestFinished, test, vi } from "vitest";
import type { BootTime } from "../../../src/boot-time.ts";
import { createClock } from "../../../src/elector/time/clock.ts";

const boot = vi.hoisted(() => ({ ms: 50_000 }));

vi.mock("../../../src/boot-time.ts", () => ({
  bootTime: (): BootTime => ({ ms: boot.ms, resolution: 10 }),
}));

test("the clock of this process counts a suspend that the wall clock and the boot clock have seen", () => {
  const clock = createClock();
  const begun = clock.now();
  const wall = Date.now();
  vi.spyOn(Date, "now").mockReturnValue(wall + 3_600_000);
  onTestFinished(() => void vi.restoreAllMocks());
  boot.ms += 3_600_000;
  expect(clock.now() - begun).toBeGreaterThanOrEqual(3_600_000 - 60_000);
});
