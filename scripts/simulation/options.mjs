import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";

export class UsageError extends Error {}

/** Throws a `UsageError` that says which option, what is wrong and what is usual. */
export function parseOptions(args) {
  const { seeds, from, workers, json, trace } = parse(args).values;
  return {
    seeds: whole("seeds", seeds, { least: 1, usual: 10_000 }),
    from: whole("from", from, { least: 0, usual: 0 }),
    workers: whole("workers", workers, { least: 1, usual: availableParallelism() }),
    json,
    trace,
  };
}

/** The scenario in a file. */
export function readTrace(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UsageError(`--trace must be a file with a scenario as JSON: ${error.message}`);
  }
}

function parse(args) {
  try {
    return parseArgs({
      args,
      options: {
        seeds: { type: "string" },
        from: { type: "string" },
        workers: { type: "string" },
        json: { type: "boolean", default: false },
        trace: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error.message);
  }
}

function whole(name, text, { least, usual }) {
  if (text === undefined) return usual;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(
    `--${name} must be a whole number from ${least}, not "${text}". Usual: ${usual}.`,
  );
}
