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

/** Where the links lead, without those in code. */
export function linksOf(markdown: string): string[] {
  const prose = withoutCode(markdown).replace(/`[^`]*`/g, "code");
  return [...prose.matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map(({ 1: target = "" }) => target);
}

/** The headings of a level, or of all. */
export function headingsOf(markdown: string, level?: number): string[] {
  const marks = level === undefined ? "#{1,6}" : "#".repeat(level);
  const heading = new RegExp(`^${marks} (.+)$`, "gm");
  return [...withoutCode(markdown).matchAll(heading)].map(({ 1: text = "" }) => text.trim());
}

/** The anchors of a page, as GitHub makes them from headings. */
export function anchorsOf(markdown: string): string[] {
  return headingsOf(markdown).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-"),
  );
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

function withoutCode(markdown: string): string {
  return markdown.replace(FENCE, "");
}
