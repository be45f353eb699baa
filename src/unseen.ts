/** A character because of which two different names can look the same. */
export interface Unseen {
  /** The kind of character, in the plural. */
  readonly kind: string;
  /** The code point, such as `U+200B`. */
  readonly character: string;
  /** The position in the text, counted from 1. */
  readonly position: number;
}

type Test = (character: string, before: string) => boolean;

/** What needs no look at each character, which keys and identifiers mostly are. */
const PLAIN = /^[ -~]*$/;

/** Compiled when it is first asked: classes of Unicode are large, and to parse them would delay every start. */
function matches(pattern: string): Test {
  let compiled: RegExp | undefined;
  return (character) => {
    compiled ??= new RegExp(pattern, "u");
    return compiled.test(character);
  };
}

const kinds: readonly (readonly [kind: string, test: Test])[] = [
  ["control characters", matches(String.raw`\p{Cc}`)],
  ["lone surrogates", matches(String.raw`\p{Cs}`)],
  // Zero-width characters, direction marks, line ends, variation selectors, and every space except U+0020.
  // The last six are invisible although Unicode classifies them as letters and symbols.
  [
    "characters that cannot be seen",
    matches(
      String.raw`(?! )[\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}]`,
    ),
  ],
  // Fonts show a box or a substitute for these. U+FFFD replaces any text that was decoded wrongly.
  ["characters that have no glyph of their own", matches(String.raw`[\p{Co}\p{Cn}\ufffd]`)],
  ['characters that text.normalize("NFC") replaces by others that look the same', isRespelled],
];

/** Returns the first character of the text that a reader cannot recognise by its look. */
export function firstUnseen(text: string): Unseen | undefined {
  if (PLAIN.test(text)) return undefined;
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

/** Returns the text with each such character written as, for example, `<U+200B>`. */
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

/** Whether NFC replaces the character after `before`: `e` and a combining accent become `é`. */
function isRespelled(character: string, before: string): boolean {
  if (character < "\u0300") return false; // NFC never changes a character below U+0300.
  const text = before + character;
  return text.normalize("NFC") !== text;
}

/** The Unicode code point of the character, such as `U+00E9`. */
export function codePointOf(character: string): string {
  const number = character.codePointAt(0) ?? 0;
  return `U+${number.toString(16).toUpperCase().padStart(4, "0")}`;
}
