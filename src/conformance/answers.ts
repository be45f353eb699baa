import { BrokenRule, shown } from "./expectations.ts";

/** A condition on one field of an answer. */
interface Part {
  readonly must: string;
  fits(value: unknown): boolean;
}

type Parts = Readonly<Record<string, Part>>;

const isCount = (value: unknown) => typeof value === "number" && Number.isFinite(value);
const text: Part = { must: "a string", fits: (value) => typeof value === "string" };
const flag: Part = { must: "true or false", fits: (value) => typeof value === "boolean" };
const date: Part = { must: "a number of ms", fits: isCount };
const rest: Part = {
  must: "a number of ms, 0 or more",
  fits: (value) => isCount(value) && Number(value) >= 0,
};
const token: Part = {
  must: "a whole number above 0",
  fits: (value) => Number.isSafeInteger(value) && Number(value) > 0,
};

function oneOf(...words: readonly string[]): Part {
  const must = words.map((word) => `"${word}"`).join(" or ");
  return { must, fits: (value) => words.some((word) => word === value) };
}

/** `null` does not count as undefined: a store that keeps JSON may return it for a missing value. */
function perhaps({ must, fits }: Part): Part {
  return { must: `undefined or ${must}`, fits: (value) => value === undefined || fits(value) };
}

const record: Parts = {
  nodeId: text,
  token,
  since: date,
  expiresIn: rest,
  metadata: perhaps(text),
  ttl: perhaps(rest),
};

const replies = {
  granted: { granted: flag, token, since: date },
  refused: {
    granted: flag,
    reason: oneOf("held", "quarantine", "late"),
    retryIn: perhaps(rest),
    applied: perhaps(oneOf("no", "maybe")),
  },
  renewed: { renewed: flag },
  "not renewed": { renewed: flag, reason: oneOf("superseded", "late") },
  released: { released: flag },
  holder: record,
} as const satisfies Record<string, Parts>;

/** Fails if a field of the answer is missing or has the wrong type. */
export function expectShape(operation: string, answer: unknown, kind: keyof typeof replies): void {
  for (const [name, part] of Object.entries<Part>(replies[kind])) {
    const claim = `${name} in the answer of ${operation} must be ${part.must}`;
    expectPart(part.fits(partOf(answer, name)), claim, answer);
  }
}

/** Fails unless the field that says whether the request succeeded is a boolean. */
export function expectVerdict(operation: string, answer: unknown, name: string): void {
  const claim = `${operation} must be answered with { ${name}: true or false, … }`;
  expectPart(typeof partOf(answer, name) === "boolean", claim, answer);
}

/** Fails unless the answer is an array of strings. */
export function expectTexts(operation: string, answer: unknown): void {
  const fits = Array.isArray(answer) && answer.every(text.fits);
  expectPart(fits, `${operation} must be answered with an array of strings`, answer);
}

/** The same as `expect`, but the message shows the value even if it is `undefined`. */
function expectPart(fits: boolean, claim: string, got: unknown): void {
  if (!fits) throw new BrokenRule(`${claim}; got ${shown(got)}`);
}

function partOf(answer: unknown, name: string): unknown {
  return typeof answer === "object" && answer !== null ? Reflect.get(answer, name) : undefined;
}
