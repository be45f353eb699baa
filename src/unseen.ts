/** A character that would make two names of what looks like one. */
export interface Unseen {
  /** Its kind, in the plural. */
  readonly kind: string;
  /** As `U+200B`. */
  readonly character: string;
  /** Counted from 1. */
  readonly position: number;
}

type Test = (character: string, before: string) => boolean;

const matches =
  (pattern: RegExp): Test =>
  (character) =>
    pattern.test(character);

const kinds: readonly (readonly [kind: string, test: Test])[] = [
  ["control characters", matches(/\p{Cc}/u)],
  ["lone surrogates", matches(/\p{Cs}/u)],
  // Zero-width characters, marks of direction, line ends, every space but the ordinary one, variation
  // selectors. The last six are drawn as nothing, although Unicode counts them as letters and symbols.
  [
    "characters that cannot be seen",
    matches(
      /(?! )[\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}]/u,
    ),
  ],
  // A box, or whatever a font makes of them; U+FFFD is what is left of any text that was decoded wrongly.
  ["characters without a look of their own", matches(/[\p{Co}\p{Cn}\ufffd]/u)],
  ['characters that text.normalize("NFC") replaces by others that look the same', isRespelled],
];

/** The first character of the text that cannot be seen for what it is. */
export function firstUnseen(text: string): Unseen | undefined {
  let before = "";
  let position = 0;
  for (const character of text) {
    position += 1;
    const found = kinds.find(([, test]) => test(character, before));
    if (found !== undefined) return { kind: found[0], character: codePointOf(character), position };
    before += character;
  }
  return undefined;
}

/** The text with each such character as `<U+200B>`. */
export function revealed(text: string): string {
  let shown = "";
  let before = "";
  for (const character of text) {
    const isSeen = !kinds.some(([, test]) => test(character, before));
    shown += isSeen ? character : `<${codePointOf(character)}>`;
    before = isSeen ? before + character : "";
  }
  return shown;
}

/** Whether the character, after these, has another spelling: `e` and a combining accent, for `é`. */
function isRespelled(character: string, before: string): boolean {
  if (character < "\u0300") return false; // Nothing below is ever respelled.
  const text = before + character;
  return text.normalize("NFC") !== text;
}

/** The number by which Unicode knows the character. */
export function codePointOf(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `U+${number.toString(16).toUpperCase().padStart(4, "0")}`;
}
