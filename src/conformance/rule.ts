import type { Declared } from "./subject.ts";
import type { Trial } from "./trial.ts";

/** The subject of a rule. */
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

/** The capability that a store must declare for a rule to apply. */
export type Need = keyof typeof unmet;

/**
 * One rule of the store contract.
 *
 * @example
 * for (const { id, title } of rules) console.log(`${id}: ${title}`);
 */
export interface Rule {
  /** Stable between versions, so that reports and exceptions can refer to it. */
  readonly id: string;
  readonly group: RuleGroup;
  /** A claim about the store, such as "a free lease is granted". */
  readonly title: string;
  /** The capability without which the rule does not apply. */
  readonly needs?: Need | undefined;
  /** Rejects if the store breaks the rule. */
  run(trial: Trial): Promise<void>;
}

/** The reason why a rule does not apply, by the capability that it needs. */
const unmet = {
  strict: "exclusion is declared as advisory",
  wakeUp: "no push wake-up declared",
  keys: "no list of keys declared",
  survivesRestart: "no survival of restarts declared",
  tokensByClock: "tokens are declared to be lost with the data",
  guardsLostData: "no guard against lost data declared",
  clockOfObserver: "the server's clock decides",
} as const;

/** Returns why the rule does not apply to a store with these capabilities, or `undefined` if it applies. */
export function whyNot({ needs }: Rule, declared: Declared): string | undefined {
  if (needs === undefined) return undefined;
  const met: Record<Need, boolean> = {
    strict: declared.exclusion === "strict",
    wakeUp: declared.wakeUp,
    keys: declared.keys,
    survivesRestart: declared.survivesRestart,
    tokensByClock: declared.tokens === "clock",
    guardsLostData: declared.guardsLostData,
    clockOfObserver: declared.clock === "observer",
  };
  return met[needs] ? undefined : unmet[needs];
}
