import type { LeaderJson } from "../http/leader-json.ts";
import type { Palette } from "./io.ts";
import { oneLine } from "./one-line.ts";

const HEADINGS = ["KEY", "LEADER", "TOKEN", "SINCE", "EXPIRES IN", "METADATA"];

/** Formats elections as a table for people. */
export function tableOf(elections: readonly LeaderJson[], palette: Palette): string {
  if (elections.length === 0) return `${palette.dim("no elections")}\n`;
  const [heading = "", ...rows] = linesOf(elections);
  return `${[palette.dim(heading), ...rows].join("\n")}\n`;
}

/** The lines of the same: the heading, and one for each election. */
export function linesOf(elections: readonly LeaderJson[]): string[] {
  const rows = elections.map(rowOf);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => (row[column] ?? "").length)),
  );
  return [HEADINGS, ...rows].map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function rowOf({ key, leader }: LeaderJson): string[] {
  if (leader === null) return [oneLine(key), "(none)", "", "", "", ""];
  const { nodeId, token, since, expiresInMs, metadata } = leader;
  const expires = expiresInMs === null ? "never" : `${(expiresInMs / 1000).toFixed(1)} s`;
  const rest = [String(token), since, expires, oneLine(metadata ?? "")];
  return [oneLine(key), oneLine(nodeId), ...rest];
}
