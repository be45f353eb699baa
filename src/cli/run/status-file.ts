import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Term } from "../../elector/term.ts";
import { UsageError } from "../usage-error.ts";

/** A file that exists only while this process leads: where, and what is in it. */
export interface StatusFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The path, absolute. Tries it out before anything starts, or a mistake in it would be noticed on the day
 * of the first election. Throws a {@link UsageError}.
 */
export function checkStatusFile(path: string): string {
  const absolute = resolve(path);
  try {
    const there = statSync(absolute, { throwIfNoEntry: false });
    if (there !== undefined && !there.isFile())
      throw new Error("there is something else in its place");
    const trial = trialOf(absolute);
    try {
      writeFileSync(trial, `${"-".repeat(1000)}\n`);
    } finally {
      rmSync(trial, { force: true });
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const rule = "--status-file must be a file that can be written, such as /run/jobs/leader.json";
    throw new UsageError(`${rule}; got ${JSON.stringify(path)}: ${text}`, { seeHelp: false });
  }
  return absolute;
}

export function statusFileOf(path: string, { key, nodeId, token, since }: Term): StatusFile {
  return { path, text: `${JSON.stringify({ key, nodeId, token, since, pid: process.pid })}\n` };
}

/** Written beside it and renamed, so that whoever reads it never sees a half. */
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

/** Removes what we have written; after a pause it may be a successor's. */
export function removeStatusFile({ path, text }: StatusFile): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return;
  if (readFileSync(path, "utf8") === text) rmSync(path);
}

function trialOf(path: string): string {
  return `${path}.${process.pid}`;
}
