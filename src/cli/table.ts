import type { LeaderJson } from "../http/leader-json.ts";
import type { Palette } from "./io.ts";
import { oneLine } from "./one-line.ts";

const HEADINGS = ["KEY", "LEADER", "TOKEN", "SINCE", "EXPIRES IN", "METADATA"];
const GAP = "  ";

/** Formats elections as a table for people. */
export function tableOf(elections: readonly LeaderJson[], palette: Palette): string {
  if (elections.length === 0) return `${palette.dim("no elections")}\n`;
  const [heading = "", ...rows] = linesOf(elections);
  return `${[palette.dim(heading), ...rows].join("\n")}\n`;
}

/**
 * The lines of the same: the heading, and one for each election. In `columns` that are too few for all but the metadata,
 * times and names are short, so that what a lease has left can be seen.
 */
export function linesOf(
  elections: readonly LeaderJson[],
  columns = Number.POSITIVE_INFINITY,
): string[] {
  const whole = [HEADINGS, ...elections.map((each) => rowOf(each, wholeTime))];
  if (lengthOf(widthsOf(whole)) <= columns) return whole.map(padTo(widthsOf(whole), columns));
  const short = [HEADINGS, ...elections.map((each) => rowOf(each, shortTime))];
  return short.map(padTo(narrowed(widthsOf(short), columns), columns));
}

type ShowTime = (since: string, now: string) => string;

const wholeTime: ShowTime = (since) => since;

/** The time of a day that is not over, or the date of another one. */
const shortTime: ShowTime = (since, now) =>
  since.slice(0, 10) === now.slice(0, 10) ? since.slice(11, 19) : since.slice(0, 10);

function rowOf({ key, leader, at }: LeaderJson, showTime: ShowTime): string[] {
  if (leader === null) return [oneLine(key), "(none)", "", "", "", ""];
  const { nodeId, token, since, expiresInMs, metadata } = leader;
  const expires = expiresInMs === null ? "never" : `${(expiresInMs / 1000).toFixed(1)} s`;
  const rest = [String(token), showTime(since, at), expires, oneLine(metadata ?? "")];
  return [oneLine(key), oneLine(nodeId), ...rest];
}

function widthsOf(rows: readonly string[][]): number[] {
  return HEADINGS.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
}

/** How long a line is without the metadata, which is last and may be cut. */
function lengthOf(widths: readonly number[]): number {
  return widths.slice(0, -1).reduce((sum, width) => sum + width + GAP.length, -GAP.length);
}

/** The key and the leader share what the other columns leave. */
function narrowed(widths: readonly number[], columns: number): number[] {
  const [key = 0, leader = 0, ...others] = widths;
  const excess = Math.max(0, lengthOf(widths) - columns);
  const room = Math.max(2 * SHORTEST_NAME, key + leader - excess);
  const forKey = Math.min(key, Math.max(Math.floor(room / 2), room - leader));
  return [forKey, Math.min(leader, room - forKey), ...others];
}

/** Metadata of which less can be shown is left out. */
const LEAST_METADATA = "METADATA".length;

/** However narrow the screen is, so much of a name is shown. */
const SHORTEST_NAME = 6;

function padTo(widths: readonly number[], columns: number): (cells: readonly string[]) => string {
  const left = columns - lengthOf(widths) - GAP.length;
  const shown = left < LEAST_METADATA ? widths.slice(0, -1) : widths;
  const padded = (cell: string, width: number) =>
    cell.length > width ? `${cell.slice(0, width - 1)}…` : cell.padEnd(width);
  return (cells) =>
    shown
      .map((width, column) => padded(cells[column] ?? "", width))
      .join(GAP)
      .trimEnd();
}
