import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../../scripts/command-line.mjs";
import { withSectionOf } from "../section.mjs";
import { title } from "../sql/section.mjs";
import { measures } from "./measures.mjs";
import { pageOf } from "./page.mjs";

/** What `--json` has printed. Throws `UsageError`. */
export function readResults(file) {
  const lines = textOf(file)
    .split("\n")
    .filter((line) => line.trim() !== "");
  try {
    const [run, ...rows] = lines.map((line) => JSON.parse(line));
    if (run?.measure === "run") return { run, rows };
  } catch {}
  throw new UsageError(`--from needs what --json has printed, and ${file} is not that.`);
}

/** Writes the page and its plots into a folder. The page keeps the section that another command has written. */
export function writePage(folder, run, rows) {
  for (const [name, text] of Object.entries(pageOf(measures, run, rows))) {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      existsSync(path) ? withSectionOf(readFileSync(path, "utf8"), text, title) : text,
    );
    console.error(`wrote ${path}`);
  }
}

function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--from cannot be read: ${error.message}.`);
  }
}
