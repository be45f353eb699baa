import type { Rule } from "./rule.ts";
import { ambiguityRules } from "./rules/ambiguity.ts";
import { answerRules } from "./rules/answers.ts";
import { closingRules } from "./rules/closing.ts";
import { fuzzRules } from "./rules/fuzz.ts";
import { lastingRules } from "./rules/lasting.ts";
import { leaseRules } from "./rules/lease.ts";
import { readingRules } from "./rules/reading.ts";
import { timeRules } from "./rules/time.ts";
import { tokenRules } from "./rules/token.ts";
import { watchingRules } from "./rules/watching.ts";

/** The store contract, rule by rule. `docs/guide/writing-a-store.md` lists them. */
export const rules: readonly Rule[] = [
  ...leaseRules,
  ...answerRules,
  ...timeRules,
  ...tokenRules,
  ...ambiguityRules,
  ...readingRules,
  ...watchingRules,
  ...lastingRules,
  ...closingRules,
  ...fuzzRules,
];
