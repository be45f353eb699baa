import { electorOptionNames } from "../elector/options.ts";
import { checkFlag, checkOptions } from "../input.ts";
import { TestElection, type TestElectionOptions } from "./test-election.ts";

/**
 * Creates an election for tests of code that uses an elector. It needs no server, does not wait in real time,
 * and behaves the same in every run.
 *
 * @param key The key of the first elector, `"test"` if it is left out; or the options.
 * @param options The options of the first elector, and `vacant`.
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if the key or an option is invalid.
 * @example
 * const election = createTestElection();
 * const scheduler = startScheduler(election.elector);
 * await election.grant();
 * await election.steal();
 * assert.equal(scheduler.isRunning, false);
 */
export function createTestElection(
  key: string | TestElectionOptions = {},
  options: TestElectionOptions = {},
): TestElection {
  const [name, given] = typeof key === "string" ? [key, options] : ["test", key];
  checkOptions(given, [...electorOptionNames, "vacant"], "{ vacant: true }");
  checkFlag("vacant", given.vacant);
  return new TestElection(name, given);
}
