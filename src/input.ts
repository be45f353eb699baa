import { IncumbentError } from "./errors.ts";
import { redactAddress } from "./redact.ts";
import { codePointOf, firstUnseen, revealed } from "./unseen.ts";

/** What is wrong with a value that came from outside. */
export interface BadInput {
  /** The option, argument or variable. */
  readonly name: string;
  /** What it must be, as the rest of a sentence that begins with the name. */
  readonly rule: string;
  readonly value: unknown;
  /** What people usually give. */
  readonly usual: string;
}

/** An error that names the option, the rule, the value and the usual value. */
export function invalid({ name, rule, value, usual }: BadInput): IncumbentError {
  return new IncumbentError(
    "INCUMBENT_INVALID_OPTION",
    `${name} ${rule}; got ${show(value)}. Usual: ${usual}.`,
  );
}

/** A value for an error message: short, and with the password of a URL taken out. */
export function show(value: unknown): string {
  if (typeof value === "string") return showText(redactAddress(value));
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) {
    return `an object of ${value.constructor?.name ?? "no class"}`;
  }
  return String(value);
}

const LONGEST_SHOWN = 80;

function showText(text: string): string {
  const shown = JSON.stringify(revealed(text.slice(0, LONGEST_SHOWN)) + text.slice(LONGEST_SHOWN));
  return shown.length <= LONGEST_SHOWN
    ? shown
    : `${shown.slice(0, LONGEST_SHOWN)}… (${JSON.stringify(text).length} characters)`;
}

/** The options that were given: an object with no other names than these. */
export function checkOptions<Options extends object>(
  options: Options,
  names: readonly string[],
  usual: string,
): Options {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw invalid({ name: "options", rule: "must be an object", value: options, usual });
  }
  rejectUnknown("option", options, names);
  return options;
}

/** Fails on the first name in `given` that is not in `known`, and suggests the near one. */
export function rejectUnknown(what: string, given: object, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw invalid({
      name: `${what} ${show(name)}`,
      rule: near === undefined ? "is not known" : `is not known; did you mean "${near}"?`,
      value: (given as Record<string, unknown>)[name], // The name is one of its own keys.
      usual: known.join(", "),
    });
  }
}

/** The known name that is nearest to `name`, if one is near enough to be a slip. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map((candidate) => ({ candidate, edits: edits(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.edits <= Math.max(2, name.length / 3)
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

/** A whole number from `least` to `most`. */
export function wholeNumber(
  name: string,
  value: unknown,
  { least, most, usual }: { least: number; most: number; usual: string },
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least && value <= most) {
    return value;
  }
  throw invalid({ name, rule: `must be a whole number from ${least} to ${most}`, value, usual });
}

/** A function, such as a callback. */
export function checkFunction<F>(name: string, value: F, usual: string): F {
  if (typeof value === "function") return value;
  throw invalid({ name, rule: "must be a function", value, usual });
}

/** How long a text may be, in bytes of UTF-8, and what people usually give. */
interface TextBounds {
  readonly least: number;
  readonly most: number;
  readonly usual: string;
}

/** A string whose UTF-8 form has `least` to `most` bytes, and which every store can keep. */
export function boundedText(name: string, value: unknown, bounds: TextBounds): string {
  const text = sized(name, value, bounds);
  const [lost] = /[\0\p{Cs}]/u.exec(text) ?? [];
  if (lost === undefined) return text;
  const rule = `must not contain NUL or lone surrogates, and has ${codePointOf(lost)}`;
  throw invalid({ name, rule, value, usual: bounds.usual });
}

/**
 * A name by which processes find each other, of `least` to `most` bytes. Two names that look like one
 * would be two elections with a leader each, so what cannot be seen is refused.
 */
export function visibleName(name: string, value: unknown, bounds: TextBounds): string {
  const text = sized(name, value, bounds);
  const complain = (rule: string) => invalid({ name, rule, value, usual: bounds.usual });
  const unseen = firstUnseen(text);
  if (unseen !== undefined) {
    const { kind, character, position } = unseen;
    throw complain(`must not contain ${kind}, and has ${character} as character ${position}`);
  }
  if (text !== text.trim()) throw complain("must not begin or end with white space");
  return text;
}

function sized(name: string, value: unknown, { least, most, usual }: TextBounds): string {
  const bytes = typeof value === "string" ? Buffer.byteLength(value) : -1;
  if (typeof value === "string" && bytes >= least && bytes <= most) return value;
  throw invalid({ name, rule: `must be a string of ${least} to ${most} bytes`, value, usual });
}
