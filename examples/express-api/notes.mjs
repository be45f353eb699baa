// Notes in a file that every instance reads and only the leader appends to.

import { appendFileSync, existsSync, readFileSync } from "node:fs";

/** Appends in one write. Each line has the token of the term in which it was written. */
export function appendNote(file, token, text) {
  appendFileSync(file, `${JSON.stringify({ token, text })}\n`);
}

/** The notes in order, without what a leader wrote after it had been succeeded. */
export function readNotes(file) {
  if (!existsSync(file)) return [];
  let seen = 0;
  const notes = [];
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    const { token, text } = JSON.parse(line);
    if (token < seen) continue;
    seen = token;
    notes.push(text);
  }
  return notes;
}
