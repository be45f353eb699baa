/** A fenced code block. */
export interface CodeBlock {
  /** What stands behind the fence, such as `ts` or `ts nocheck`. */
  readonly info: string;
  /** Where the code begins in its page, from 1. */
  readonly line: number;
  readonly code: string;
}

const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm;

export function codeBlocksOf(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(FENCE)].map(({ index, 1: info = "", 2: code = "" }) => ({
    info: info.trim(),
    line: markdown.slice(0, index).split("\n").length + 1,
    code,
  }));
}

/** The headings of a level, from 1. */
export function headingsOf(markdown: string, level: number): string[] {
  const heading = new RegExp(`^${"#".repeat(level)} (.+)$`, "gm");
  return [...markdown.replace(FENCE, "").matchAll(heading)].map(({ 1: text = "" }) => text.trim());
}

/** The rows of the table that begins with this header, cell by cell. */
export function tableOf(markdown: string, header: string): string[][] {
  const lines = markdown.split("\n");
  const start = lines.findIndex((line) => line.startsWith(header));
  if (start === -1) throw new Error(`no table begins with ${header}`);
  const rest = lines.slice(start + 2);
  const end = rest.findIndex((line) => !line.startsWith("|"));
  return rest.slice(0, end === -1 ? undefined : end).map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** What stands in backticks. */
export function termsOf(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(({ 1: term = "" }) => term);
}
