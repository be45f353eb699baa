/** A store broke a rule. The message says what was expected and what the store did. */
export class BrokenRule extends Error {
  override readonly name = "BrokenRule";
}

/** Throws unless `holds`. `claim` says what was expected, and `got` is the actual value. */
export function expect(holds: boolean, claim: string, got?: unknown): asserts holds {
  if (!holds) throw new BrokenRule(got === undefined ? claim : `${claim}; got ${shown(got)}`);
}

/** Throws unless `value` is between the bounds or equals one of them. */
export function expectBetween(value: number, min: number, max: number, what: string): void {
  const range = `from ${round(min)} to ${round(max)}`;
  expect(value >= min && value <= max, `${what} must be ${range}`, value);
}

/** Formats a value for a message. JSON would turn NaN into `null`, and omit `undefined`. */
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
