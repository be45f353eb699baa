import { describe, expect, test } from "vitest";
import { codePointOf, firstUnseen, revealed } from "../src/unseen.ts";

describe("what cannot be seen", () => {
  test.each([
    ["a\0", "control characters", "U+0000"],
    ["a\n", "control characters", "U+000A"],
    ["a\u007f", "control characters", "U+007F"],
    ["a\u0085", "control characters", "U+0085"],
    ["a\ud800", "lone surrogates", "U+D800"],
    ["a\udc00b", "lone surrogates", "U+DC00"],
    ["a\u00ad", "characters that cannot be seen", "U+00AD"],
    ["a\u00a0", "characters that cannot be seen", "U+00A0"],
    ["a\u034f", "characters that cannot be seen", "U+034F"],
    ["a\u115f", "characters that cannot be seen", "U+115F"],
    ["a\u180e", "characters that cannot be seen", "U+180E"],
    ["a\u200b", "characters that cannot be seen", "U+200B"],
    ["a\u200d", "characters that cannot be seen", "U+200D"],
    ["a\u202e", "characters that cannot be seen", "U+202E"],
    ["a\u2028", "characters that cannot be seen", "U+2028"],
    ["a\u2029", "characters that cannot be seen", "U+2029"],
    ["a\u2800", "characters that cannot be seen", "U+2800"],
    ["a\u3000", "characters that cannot be seen", "U+3000"],
    ["a\u3164", "characters that cannot be seen", "U+3164"],
    ["a\ufe0f", "characters that cannot be seen", "U+FE0F"],
    ["a\ufeff", "characters that cannot be seen", "U+FEFF"],
    ["a\ufffc", "characters that cannot be seen", "U+FFFC"],
    ["a\u{13441}", "characters that cannot be seen", "U+13441"],
    ["a\u{1d159}", "characters that cannot be seen", "U+1D159"],
    ["a\u{e0061}", "characters that cannot be seen", "U+E0061"],
    ["a\u{e0100}", "characters that cannot be seen", "U+E0100"],
    ["a\ue000", "characters that have no glyph of their own", "U+E000"],
    ["a\u0378", "characters that have no glyph of their own", "U+0378"],
    ["a\ufffd", "characters that have no glyph of their own", "U+FFFD"],
    ["e\u0301", /^characters that text\.normalize\("NFC"\) replaces/, "U+0301"],
    ["a\u212b", /^characters that text\.normalize\("NFC"\) replaces/, "U+212B"],
    ["\u1100\u1161", /^characters that text\.normalize\("NFC"\) replaces/, "U+1161"],
  ])("%j has %s", (text, kind, character) => {
    expect(firstUnseen(text)).toEqual({
      kind: typeof kind === "string" ? kind : expect.stringMatching(kind),
      character,
      position: 2,
    });
    expect(revealed(text)).toContain(`<${character}>`);
  });

  test.each([
    "billing:scheduler",
    "a b",
    `!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~`,
    "Zürich-é",
    "東京",
    "서울",
    "नमस्ते",
    "😀🚀👍🏽",
    "x\u0302", // A combining mark that has no composed form.
  ])("%j has nothing of it, and is shown as it is", (text) => {
    expect(firstUnseen(text)).toBeUndefined();
    expect(revealed(text)).toBe(text);
  });

  test("is counted in characters, of which an emoji is one", () => {
    expect(firstUnseen("😀\u200b")?.position).toBe(2);
  });

  test("is shown in its place, each time", () => {
    expect(revealed("\ufeffa\u200bb\u{e0001}")).toBe("<U+FEFF>a<U+200B>b<U+E0001>");
    expect(revealed("cafe\u0301東")).toBe("cafe<U+0301>東");
  });

  test("has a number of four digits or more", () => {
    expect(["\0", "\u200b", "\u{1f600}"].map(codePointOf)).toEqual(["U+0000", "U+200B", "U+1F600"]);
  });
});
