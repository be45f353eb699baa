import type { Declared } from "./subject.ts";
import type { Trial } from "./trial.ts";

/** What a rule is about. */
export type RuleGroup =
  | "lease"
  | "answers"
  | "time"
  | "token"
  | "ambiguity"
  | "reading"
  | "watching"
  | "lasting"
  | "fuzz";

/** What a store must have declared for a rule to apply to it. */
export type Need = keyof typeof unmet;

/** One rule of the store contract. */
export interface Rule {
  /** Stable: what a report, an issue or a note on an exception refers to. */
  readonly id: string;
  readonly group: RuleGroup;
  /** A claim about the store. */
  readonly title: string;
  readonly needs?: Need | undefined;
  /** Rejects when the store breaks the rule. */
  run(trial: Trial): Promise<void>;
}

/** Why a rule does not apply, by what it needs. */
const unmet = {
  strict: "exclusion is declared as advisory",
  wakeUp: "no push wake-up declared",
  keys: "no list of keys declared",
  survivesRestart: "no survival of restarts declared",
  tokensByClock: "tokens are declared to be as long-lived as the data",
  guardsLostData: "no guard against lost data declared",
} as const;

/** Why the rule does not apply to a store with this declaration; nothing where it does. */
export function whyNot({ needs }: Rule, declared: Declared): string | undefined {
  if (needs === undefined) return undefined;
  const met: Record<Need, boolean> = {
    strict: declared.exclusion === "strict",
    wakeUp: declared.wakeUp,
    keys: declared.keys,
    survivesRestart: declared.survivesRestart,
    tokensByClock: declared.tokens === "clock",
    guardsLostData: declared.guardsLostData,
  };
  return met[needs] ? undefined : unmet[needs];
}
