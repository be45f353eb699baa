import type { LeaderJson } from "../../http/leader-json.ts";
import type { LeaseStore } from "../../stores/lease-store.ts";
import { type Io, type Palette, paletteOf } from "../io.ts";
import { oneLine } from "../one-line.ts";
import { untilSignalled } from "../until-signalled.ts";
import { Elections, type Observer } from "./elections.ts";
import { liveTable } from "./live-table.ts";

/** Which elections are followed, and how they are shown. */
export interface Following {
  /** All of the store if there is none. */
  readonly key: string | undefined;
  readonly json: boolean;
}

/** From one drawing of the table to the next if nothing changes, in ms: what the leases have left does. */
const REDRAW = 500;

/**
 * Shows who leads, and every change, until a signal comes: as a table on a terminal, otherwise as a line for each
 * change. Resolves with the exit code.
 */
export async function follow(store: LeaseStore, { key, json }: Following, io: Io): Promise<number> {
  return untilSignalled(async (signal) => {
    const show = io.out.isTerminal && !json ? drawTable : writeLines;
    await show(store, { key, json }, io, signal);
  });
}

type Show = (store: LeaseStore, following: Following, io: Io, signal: AbortSignal) => Promise<void>;

const writeLines: Show = async (store, { key, json }, io, signal) => {
  const palette = paletteOf(io);
  const line = (change: LeaderJson) => (json ? JSON.stringify(change) : lineOf(change, palette));
  const observer: Observer = {
    onChange: (change) => io.out.write(`${line(change)}\n`),
    onError: (message) => io.err.write(`incumbent: ${oneLine(message)}\n`),
    onAnswer: () => {},
  };
  await new Elections(store, observer, signal).run(key);
};

const drawTable: Show = async (store, { key }, io, signal) => {
  const palette = paletteOf(io);
  const changes: LeaderJson[] = [];
  let error: string | undefined;
  const elections = new Elections(
    store,
    {
      onChange: (change) => {
        changes.push(change);
        if (changes.length > 100) changes.shift();
        draw();
      },
      onError: (message) => {
        error = message;
        draw();
      },
      onAnswer: () => {
        error = undefined;
      },
    },
    signal,
  );
  let height = 0;
  const draw = () => {
    const screen = io.out.size?.() ?? { columns: 80, rows: 24 };
    const lines = liveTable({ elections: elections.views(), changes, error }, screen, palette);
    // Up to where the last table began, and everything below is cleared.
    const home = height === 0 ? "" : `\u001b[${height}A\r\u001b[J`;
    height = lines.length;
    io.out.write(`${home}${lines.join("\n")}\n`);
  };
  const timer = setInterval(draw, REDRAW);
  try {
    await elections.run(key);
  } finally {
    clearInterval(timer);
  }
};

function lineOf({ key, leader, at }: LeaderJson, { bold, dim, cyan, red }: Palette): string {
  const name = leader === null ? red("no leader") : bold(cyan(oneLine(leader.nodeId)));
  const about = leader === null ? "" : ` token ${leader.token} ${oneLine(leader.metadata ?? "")}`;
  return `${dim(at)} ${oneLine(key)}: ${name}${about.trimEnd()}`;
}
