import { describe, expect, test } from "vitest";
import { oneLine, oneWord } from "../../src/cli/one-line.ts";

describe("a text from outside", () => {
  test.each([
    ["a\nb\r\nc\td", "a\\nb\\r\\nc\\td"],
    ["\u001b[2J\u001b]0;title\u0007", "\\u001b[2J\\u001b]0;title\\u0007"],
    ["\u009b31m\u007f", "\\u009b31m\\u007f"],
    ["\u2028\u2029\u202e", "\\u2028\\u2029\\u202e"],
    ["Zoë 山 🙂", "Zoë 山 🙂"],
  ])("%j stays one line and does nothing to a terminal", (text, shown) => {
    expect(oneLine(text)).toBe(shown);
  });

  test.each([
    ["box-1", "box-1"],
    ["redis://cache:6379", "redis://cache:6379"],
    ["", '""'],
    ["two words", '"two words"'],
    ["x level=error", '"x level=error"'],
    ['say "hi"', '"say \\"hi\\""'],
    ["a\nb", '"a\\nb"'],
    ["\u001b[2J", "\\u001b[2J"],
  ])("%j is one value in a line of words", (text, shown) => {
    expect(oneWord(text)).toBe(shown);
  });
});
