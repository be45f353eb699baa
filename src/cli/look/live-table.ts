import type { LeaderJson } from "../../http/leader-json.ts";
import type { Palette } from "../io.ts";
import { oneLine } from "../one-line.ts";
import { linesOf } from "../table.ts";
import type { ElectionView } from "./elections.ts";

/** How many of the latest changes stand below the table. */
const MOST_CHANGES = 5;

/** The lines that are not elections: the heading, a blank line, the number of the others, the last error, the cursor. */
const OTHER_LINES = 5;

export interface Screen {
  readonly columns: number;
  readonly rows: number;
}

/** What a live table shows. */
export interface LiveView {
  readonly elections: readonly ElectionView[];
  /** The latest last. */
  readonly changes: readonly LeaderJson[];
  readonly error: string | undefined;
}

/** The lines of a table that fits the screen. */
export function liveTable(view: LiveView, screen: Screen, palette: Palette): string[] {
  const { elections, error } = view;
  const most = Math.min(MOST_CHANGES, Math.max(0, screen.rows - 8));
  const changes = view.changes.slice(Math.max(0, view.changes.length - most));
  const room = Math.max(1, screen.rows - OTHER_LINES - changes.length);
  const shown = elections.slice(0, room);
  const cut = (line: string) =>
    line.length > screen.columns ? `${line.slice(0, screen.columns - 1)}…` : line;
  const [heading = "", ...rows] = linesOf(
    shown.map(({ now }) => now),
    screen.columns,
  ).map(cut);
  const hidden = elections.length - shown.length;
  return [
    elections.length === 0 ? palette.dim("no elections") : palette.dim(heading),
    ...rows.map((row, index) => (shown[index]?.now.leader === null ? palette.red(row) : row)),
    ...(hidden > 0 ? [palette.dim(`and ${hidden} more`)] : []),
    ...(changes.length > 0 ? ["", ...changes.map((change) => cut(changeLine(change)))] : []),
    ...(error === undefined ? [] : [palette.yellow(cut(`incumbent: ${oneLine(error)}`))]),
  ];
}

function changeLine({ at, key, leader }: LeaderJson): string {
  const what = leader === null ? "no leader" : `${oneLine(leader.nodeId)} leads`;
  return `${at.slice(11, 19)}  ${oneLine(key)}: ${what}`;
}
