/** A store broke a rule. The message says what was expected and what came. */
export class BrokenRule extends Error {
  override readonly name = "BrokenRule";
}

/** Fails unless `holds`; `claim` says what should have been, `got` what was. */
export function expect(holds: boolean, claim: string, got?: unknown): asserts holds {
  if (!holds) throw new BrokenRule(got === undefined ? claim : `${claim}; got ${shown(got)}`);
}

/** Fails unless `value` lies between two bounds, both included. */
export function expectBetween(value: number, least: number, most: number, what: string): void {
  const range = `from ${round(least)} to ${round(most)}`;
  expect(value >= least && value <= most, `${what} must be ${range}`, value);
}

/** What came, for a message. JSON would make `null` of NaN, and nothing of `undefined`. */
export function shown(value: unknown): string {
  if (value instanceof Error) return `the error "${value.message}"`;
  return JSON.stringify(value, (_, part) => shownPart(part)) ?? String(value);
}

function shownPart(part: unknown): unknown {
  if (typeof part !== "number") return part;
  return Number.isFinite(part) ? round(part) : String(part);
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
