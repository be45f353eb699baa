import { LeadershipLostError } from "../../src/errors.ts";
import type { FencedTerm } from "../../src/fenced-term.ts";

/** A term of this process that goes on as far as it knows, unless `fields` say otherwise. */
export function heldTerm(token: number, fields: Partial<FencedTerm> = {}): FencedTerm {
  const { signal } = new AbortController();
  return { key: "k", token, signal, remaining: () => 1000, ...fields };
}

/** One that this process gave up. */
export function resignedTerm(token: number): FencedTerm {
  const signal = AbortSignal.abort(new LeadershipLostError("k", "resigned"));
  return heldTerm(token, { signal, remaining: () => 0 });
}
