import type { Action } from "../scenario.ts";

/**
 * The record is deleted once, and nothing brings back the time before it was there (seed 1004608): a second absence is
 * taken for the first.
 */
export function absentOnce(actions: readonly Action[]): Action[] {
  const [, ...again] = actions.filter(({ does }) => does === "remove");
  return actions
    .filter((each) => !again.includes(each))
    .map((each) =>
      each.does === "set-register-back" ? { ...each, back: Math.min(each.back, each.at) } : each,
    );
}
