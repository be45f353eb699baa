/**
 * Line breaks, what moves a terminal's cursor or changes its colours (also the C1 codes that some
 * terminals obey), and what turns the direction of the text around.
 */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text from outside, such as a node id or an error, that stays one line and does nothing to a terminal. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, (character) => escaped(character));
}

/** The same as the value in `name=value`, in quotes when it could be taken for more than one value. */
export function oneWord(text: string): string {
  return /^[^\s"=\\]+$/.test(text) ? oneLine(text) : oneLine(JSON.stringify(text));
}

function escaped(character: string): string {
  const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  return known ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
