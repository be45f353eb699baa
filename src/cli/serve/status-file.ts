import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Term } from "../../elector/terms/term.ts";
import { UsageError } from "../usage-error.ts";

/** A file that exists only while this process leads: its path and its content. */
export interface StatusFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Returns the absolute path. Checks now that the file can be written, because the first election, which
 * would reveal a mistake, may be far away. Throws a {@link UsageError}.
 */
export function checkStatusFile(path: string): string {
  const absolute = resolve(path);
  try {
    const there = statSync(absolute, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile()) throw new Error("it exists and is not a file");
    const trial = trialOf(absolute);
    try {
      writeFileSync(trial, `${"-".repeat(1000)}\n`);
    } finally {
      rmSync(trial, { force: true });
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const rule = "--status-file must be a writable file, such as /run/jobs/leader.json";
    throw new UsageError(`${rule}; got ${JSON.stringify(path)}: ${text}`, { seeHelp: false });
  }
  return absolute;
}

export function statusFileOf(path: string, { key, nodeId, token, since }: Term): StatusFile {
  return { path, text: `${JSON.stringify({ key, nodeId, token, since, pid: process.pid })}\n` };
}

/** Writes a second file and renames it, so that no reader sees half of the content. */
export function writeStatusFile({ path, text }: StatusFile): void {
  const trial = trialOf(path);
  try {
    writeFileSync(trial, text);
    renameSync(trial, path);
  } catch (error) {
    rmSync(trial, { force: true });
    throw error;
  }
}

/** Removes the file if its content is ours. After a pause it may belong to a successor. */
export function removeStatusFile({ path, text }: StatusFile): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  if (readFileSync(path, "utf8") === text) rmSync(path);
}

function trialOf(path: string): string {
  return `${path}.${process.pid}`;
}
