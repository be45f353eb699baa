/**
 * What a text becomes in a database: itself, and in JSON where the database would not give it back. Some end a
 * text at the first NUL or refuse it, and half a surrogate pair has no UTF-8.
 */
export function toText(text: string): string {
  return /^"|\0|[\ud800-\udfff]/u.test(text) ? JSON.stringify(text) : text;
}

/** The text that {@link toText} was given. */
export function fromText(text: string): string {
  return text.startsWith('"') ? JSON.parse(text) : text;
}
