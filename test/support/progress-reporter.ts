import type { Reporter, TestModule, TestSpecification } from "vitest/node";

/** How often a line is written, in ms. */
const LINE_EVERY = 10_000;

/**
 * How far a run is, where no terminal shows it: `17 of 151 files have ended after 20 s; test/cli/run.test.ts runs`.
 */
export class ProgressReporter implements Reporter {
  readonly #running = new Set<string>();
  #ended = 0;

  onTestRunStart(specifications: readonly TestSpecification[]): void {
    process.stdout.write(`${specifications.length} files of tests\n`);
    if (process.stdout.isTTY) return;
    const began = performance.now();
    const timer = setInterval(() => {
      const seconds = Math.round((performance.now() - began) / 1000);
      const files = `${this.#ended} of ${specifications.length} files have ended`;
      process.stdout.write(`${files} after ${seconds} s; ${[...this.#running].join(" and ")}\n`);
    }, LINE_EVERY);
    // The run may end at any time.
    timer.unref();
  }

  onTestModuleStart({ relativeModuleId }: TestModule): void {
    this.#running.add(relativeModuleId);
  }

  onTestModuleEnd({ relativeModuleId }: TestModule): void {
    this.#running.delete(relativeModuleId);
    this.#ended += 1;
  }
}
