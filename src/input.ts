import { IncumbentError } from "./errors.ts";
import { redactAddress, suggestsSecret } from "./redact.ts";
import { codePointOf, firstUnseen, revealed } from "./unseen.ts";

/** A value from outside that breaks a rule. */
export interface BadInput {
  /** The name of the option, argument or variable. */
  readonly name: string;
  /** The rest of a sentence that begins with the name, such as `must be a function`. */
  readonly rule: string;
  readonly value: unknown;
  /** A value that would be accepted, or what to do instead. */
  readonly example: string;
}

/** An error that names the option, the rule, the value and an example. */
export function invalid({ name, rule, value, example }: BadInput): IncumbentError {
  return new IncumbentError(
    "INCUMBENT_INVALID_OPTION",
    `${name} ${rule}; got ${show(value)}. Example: ${example}.`,
  );
}

/** The value as shown in an error message: short, and without the password of a URL. */
export function show(value: unknown): string {
  if (typeof value === "string") return showText(redactAddress(value));
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (isPromise(value)) return "a promise, which has to be awaited first";
  if (typeof value === "object" && value !== null) {
    return `an object of ${value.constructor?.name ?? "no class"}`;
  }
  return String(value);
}

/** Whether it was not awaited. It has no property of what it will be, so it would be taken for an empty object. */
function isPromise(value: unknown): boolean {
  const isObject = typeof value === "object" && value !== null;
  return isObject && "then" in value && typeof value.then === "function";
}

/** Whether its properties can be options. */
export function isOptions(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !isPromise(value);
}

const LONGEST_SHOWN = 80;

function showText(text: string): string {
  const shown = JSON.stringify(revealed(text.slice(0, LONGEST_SHOWN)) + text.slice(LONGEST_SHOWN));
  return shown.length <= LONGEST_SHOWN
    ? shown
    : `${shown.slice(0, LONGEST_SHOWN)}… (${JSON.stringify(text).length} characters)`;
}

/** Returns the options if they are an object that has none but these names. */
export function checkOptions<Options extends object>(
  options: Options,
  names: readonly string[],
  example: string,
): Options {
  if (!isOptions(options)) {
    throw invalid({ name: "options", rule: "must be an object", value: options, example });
  }
  rejectUnknown("option", options, names);
  return options;
}

/** Throws for the first name in `given` that is not in `known`, and suggests the nearest one. */
export function rejectUnknown(what: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    const value: unknown = (given as Record<string, unknown>)[name]; // The name is one of its own keys.
    // An option that belongs elsewhere may be a password, such as that of a client.
    const mayBeSecret = typeof value === "string" && (near === undefined || suggestsSecret(name));
    throw invalid({
      name: `${what} ${show(name)}`,
      rule: near === undefined ? "is not known" : `is not known; did you mean "${near}"?`,
      value: mayBeSecret ? "***" : value,
      example: [...new Set(known)].join(", "),
    });
  }
}

/** The known name nearest to `name`, if it is near enough for `name` to be a typing error. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, edits: edits(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(name.length < 4 ? 1 : 2, name.length / 3)
    ? best.candidate
    : undefined;
}

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (left === right ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** Returns the value if it is a whole number from `min` to `max`. */
export function wholeNumber(
  name: string,
  value: unknown,
  { min, max, example }: { min: number; max: number; example: string },
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
    return value;
  }
  throw invalid({ name, rule: `must be a whole number from ${min} to ${max}`, value, example });
}

/** Returns the value if it is `true` or `false`, and `usual` if there is none. */
export function checkFlag(name: string, value: unknown, usual = false): boolean {
  if (value === undefined) return usual;
  if (typeof value === "boolean") return value;
  throw invalid({ name, rule: "must be true or false", value, example: String(usual) });
}

/** Returns the value if it is a function. */
export function checkFunction<F>(name: string, value: F, example: string): F {
  if (typeof value === "function") return value;
  throw invalid({ name, rule: "must be a function", value, example });
}

/** The permitted length of a text, in bytes of UTF-8, and an example. */
interface TextBounds {
  readonly min: number;
  readonly max: number;
  readonly example: string;
}

/** Returns the value if it is a string of `min` to `max` bytes of UTF-8 that every store can keep. */
export function boundedText(name: string, value: unknown, bounds: TextBounds): string {
  const text = sized(name, value, bounds);
  const [lost] = /[\0\ud800-\udfff]/u.exec(text) ?? [];
  if (lost === undefined) return text;
  const rule = `must not contain NUL or lone surrogates, and has ${codePointOf(lost)}`;
  throw invalid({ name, rule, value, example: bounds.example });
}

/**
 * Returns the value if it is a name of `min` to `max` bytes by which processes can find each other. Two
 * names that look the same would be two elections with a leader each, so invisible characters are refused.
 */
export function visibleName(name: string, value: unknown, bounds: TextBounds): string {
  const text = sized(name, value, bounds);
  const complain = (rule: string) => invalid({ name, rule, value, example: bounds.example });
  const unseen = firstUnseen(text);
  if (unseen !== undefined) {
    const { kind, character, position } = unseen;
    throw complain(`must not contain ${kind}, and has ${character} as character ${position}`);
  }
  if (text !== text.trim()) throw complain("must not begin or end with white space");
  return text;
}

function sized(name: string, value: unknown, { min, max, example }: TextBounds): string {
  const bytes = typeof value === "string" ? Buffer.byteLength(value) : -1;
  if (typeof value === "string" && bytes >= min && bytes <= max) return value;
  throw invalid({ name, rule: `must be a string of ${min} to ${max} bytes`, value, example });
}
