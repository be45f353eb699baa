/**
 * Line breaks, control codes that move a terminal's cursor or change its colours (including the C1 codes
 * that some terminals obey), and characters that change the direction of the text.
 */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Escapes a text from outside, such as a node id, so that it stays one line and cannot control a terminal. */
export function oneLine(text: string): string {
  return text.replace(UNSAFE, (character) => escaped(character));
}

/** The same for the value in `name=value`, quoted if it could be read as more than one value. */
export function oneWord(text: string): string {
  return /^[^\s"=\\]+$/.test(text) ? oneLine(text) : oneLine(JSON.stringify(text));
}

function escaped(character: string): string {
  const known = { "\n": "\\n", "\r": "\\r", "\t": "\\t" }[character];
  return known ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
