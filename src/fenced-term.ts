import { isIncumbentError, LeadershipLostError } from "./errors.ts";
import { invalid } from "./input.ts";

/** What a fence needs of a term. Every `Term` has it. */
export interface FencedTerm {
  readonly key: string;
  readonly token: number;
  readonly signal: AbortSignal;
  remaining(): number;
}

/**
 * Throws if the term is over as far as this process knows, without asking anyone. A term that goes on here may be
 * over all the same: that is for the receiver of a write to decide.
 *
 * @throws `LeadershipLostError`; `INCUMBENT_INVALID_OPTION` for what is no term.
 */
export function requireCurrent(term: FencedTerm): void {
  const { key, signal, remaining } = checkTerm(term);
  if (signal.aborted && isIncumbentError(signal.reason)) throw signal.reason;
  // Also if the timer that ends the term is late, because the event loop was blocked.
  if (signal.aborted || remaining.call(term) <= 0) throw new LeadershipLostError(key, "expired");
}

/** The receiver of a write knows of a later term, or has forgotten this one. */
export function superseded({ key }: FencedTerm): LeadershipLostError {
  return new LeadershipLostError(key, "superseded");
}

function checkTerm(term: FencedTerm): FencedTerm {
  const isTerm =
    typeof term === "object" &&
    term !== null &&
    typeof term.key === "string" &&
    Number.isSafeInteger(term.token) &&
    term.signal instanceof AbortSignal &&
    typeof term.remaining === "function";
  if (isTerm) return term;
  throw invalid({
    name: "term",
    rule: "must be a term of an elector, as lead and waitForLeadership give it",
    value: term,
    example: "elector.lead((term) => store.fence(client, term))",
  });
}
