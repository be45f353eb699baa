import { redact } from "../../redact.ts";
import type { Finding, FindingLevel } from "../../stores/lease-store.ts";
import type { Palette, Style } from "../io.ts";
import { oneLine } from "../one-line.ts";

/** The longest level and the longest check. */
const LEVEL = 7;
const CHECK = 11;

/** A finding as a line for people. */
export function findingLine({ check, level, says, remedy, server }: Finding, palette: Palette) {
  const place = server === undefined ? "" : `${server}  `;
  const text = redact([says, ...(remedy === undefined ? [] : [remedy])].join(" "));
  const word = styleOf(level, palette)(level.padEnd(LEVEL));
  return `${word}  ${oneLine(place)}${check.padEnd(CHECK)}  ${oneLine(text)}\n`;
}

/** The same for programs, with a line break. */
export function findingJson({ check, level, says, remedy, server }: Finding): string {
  const text = remedy === undefined ? null : redact(remedy);
  return `${JSON.stringify({ check, level, says: redact(says), remedy: text, server: server ?? null })}\n`;
}

/** How many findings need attention. */
export function summaryOf(findings: readonly Finding[], palette: Palette): string {
  const counts = (["error", "warning", "note"] as const).flatMap((level) => {
    const count = findings.filter((finding) => finding.level === level).length;
    return count === 0
      ? []
      : [styleOf(level, palette)(`${count} ${level}${count === 1 ? "" : "s"}`)];
  });
  return counts.length === 0 ? palette.green("nothing wrong\n") : `${counts.join(", ")}\n`;
}

function styleOf(level: FindingLevel, { green, dim, yellow, red }: Palette): Style {
  return { ok: green, note: dim, warning: yellow, error: red }[level];
}
