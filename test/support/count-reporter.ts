import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** Ends the output of a run with one line: `123 passed, 0 failed`. */
export class CountReporter implements Reporter {
  // A run that does not even begin, as when the global setup throws, is a failure.
  #passed = 0;
  #failed = 1;

  onInit(): void {
    // At the exit, because other reporters still print when the run has ended.
    process.once("exit", () => {
      process.stdout.write(`${this.#passed} passed, ${this.#failed} failed\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const states = tests.map((test) => test.result().state);
    this.#passed = states.filter((state) => state === "passed").length;
    this.#failed =
      states.filter((state) => state === "failed").length +
      modules.flatMap(brokenSuites).length +
      unhandled.length;
    if (tests.length === 0) this.#failed += 1;
  }
}

/** Files and suites that failed outside a test, as when they do not load. */
function brokenSuites(module: TestModule): unknown[] {
  return [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
}
