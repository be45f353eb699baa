import { BrokenRule } from "./expectations.ts";
import { type Rule, whyNot } from "./rule.ts";
import { rules } from "./rules.ts";
import { parseSubject, type StoreUnderTest, type Subject } from "./subject.ts";
import { Trial } from "./trial.ts";

/** What registers a test: `test` of vitest, jest, node:test or Bun. */
export type RegisterTest = (name: string, run: () => Promise<void>) => unknown;

/**
 * Registers one test for each rule of the store contract, named `id: title`. A rule that does not apply
 * to what was declared is a test that says so and passes.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
 * @example
 * checkStore(test, {
 *   setUp: () => {
 *     const file = new MyFile();
 *     return { open: () => new MyStore(file) };
 *   },
 *   capabilities: { exclusion: "strict", tokens: "memory" },
 * });
 */
export function checkStore(test: RegisterTest, store: StoreUnderTest): void {
  const subject = parseSubject(store);
  for (const rule of rules) {
    const reason = whyNot(rule, subject.declared);
    const name = `${rule.id}: ${rule.title}`;
    if (reason !== undefined) test(`${name}; does not apply: ${reason}`, async () => {});
    else test(name, () => tryRule(rule, subject));
  }
}

async function tryRule(rule: Rule, subject: Subject): Promise<void> {
  const trial = new Trial(subject, await subject.setUp());
  try {
    await trial.begin();
    await rule.run(trial);
  } catch (error) {
    // What fails now follows from that, as a rule, and would hide it.
    await trial.end().catch(() => {});
    throw named(rule, error);
  }
  await trial.end().catch((error) => {
    throw named(rule, error);
  });
}

function named({ id }: Rule, error: unknown): unknown {
  if (error instanceof BrokenRule) error.message = `${id}: ${error.message}`;
  return error;
}
