// What the scripts of this project have in common on the command line.

import { parseArgs } from "node:util";

/** The command line says something that the script cannot do. The message names the option. */
export class UsageError extends Error {}

/**
 * Runs a script, and sets its exit code to what `main` returns. `--help` prints the usage; what is wrong in
 * the command line is said above it, and ends with 64.
 */
export async function runScript(usage, main) {
  const args = process.argv.slice(2);
  if (args.includes("--help")) {
    console.log(usage);
    return;
  }
  try {
    process.exitCode = await main(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\n\n${usage}`);
    process.exitCode = 64;
  }
}

/** As `parseArgs` of `node:util`, but what is wrong is a `UsageError`. */
export function readArgs(args, options, { allowPositionals = false } = {}) {
  try {
    return parseArgs({ args, options, allowPositionals });
  } catch (error) {
    // Beyond its first sentence Node.js explains how to write what it took for a positional argument.
    throw new UsageError(error.message.split(". ")[0]);
  }
}

/** The whole number in `text`, or the default if there is no text. */
export function wholeNumber(name, text, { min, fallback }) {
  if (text === undefined) return fallback;
  const value = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(value) && value >= min) return value;
  const hint = fallback === undefined ? "" : ` Default: ${fallback}.`;
  throw new UsageError(`${name} must be a whole number from ${min}, not "${text}".${hint}`);
}
