import { BrokenRule } from "./expectations.ts";
import { type Rule, whyNot } from "./rule.ts";
import { rules } from "./rules.ts";
import { parseSubject, type StoreUnderTest, type Subject } from "./subject.ts";
import { Trial } from "./trial.ts";

/**
 * The function that registers a test: `test` of vitest, Jest, node:test or Bun.
 *
 * @example
 * import { test } from "node:test";
 * checkStore(test, myStore);
 */
export type RegisterTest = (name: string, run: () => Promise<void>) => unknown;

/**
 * Registers one test for each rule of the store contract, named `id: title`. If a rule does not apply to
 * the declared capabilities, its test passes and says why in its name.
 *
 * @throws IncumbentError `INCUMBENT_INVALID_OPTION` if an option is missing, unknown or invalid.
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
    // A failure of the clean-up usually follows from the first error, and must not hide it.
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
