import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { MachineClock } from "../../../src/stores/sqlite/sqlite-clock.ts";

/** What the clocks of a machine say, as the test wants it. All in ms. */
export interface Readings {
  readonly boot: string;
  /** Nothing under Bun and Deno. */
  readonly monotonic: number | undefined;
  readonly sinceBoot: number;
  readonly resolution: number;
  readonly wall: number;
}

const readings: Readings = {
  boot: "boot-1",
  monotonic: 50_000.25,
  sinceBoot: 50_010,
  resolution: 10,
  wall: 1_790_000_000_000,
};

export class ForgedMachine implements MachineClock {
  #readings: Readings;

  constructor(changed: Partial<Readings> = {}) {
    this.#readings = { ...readings, ...changed };
  }

  /** From now on the clocks say this. */
  set(changed: Partial<Readings>): void {
    this.#readings = { ...this.#readings, ...changed };
  }

  /** All clocks go on by `ms`. */
  pass(ms: number): void {
    const { monotonic, sinceBoot, wall } = this.#readings;
    this.set({
      monotonic: monotonic === undefined ? undefined : monotonic + ms,
      sinceBoot: sinceBoot + ms,
      wall: wall + ms,
    });
  }

  bootId(): string {
    return this.#readings.boot;
  }

  monotonic(): number | undefined {
    return this.#readings.monotonic;
  }

  bootTime() {
    const { sinceBoot, resolution } = this.#readings;
    return { ms: Math.floor(sinceBoot / resolution) * resolution, resolution };
  }

  wall(): number {
    return this.#readings.wall;
  }

  soon(fire: () => void): void {
    setImmediate(fire);
  }

  after(): () => void {
    return () => {};
  }
}

/** A directory of the test's own, gone when it ends. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "incumbent-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
