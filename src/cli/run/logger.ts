import type { Logger } from "../../observability/log.ts";
import type { Output } from "../io.ts";
import { UsageError } from "../usage-error.ts";

type Level = "debug" | "info" | "warn" | "error";

const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

/** Writes lines to standard error: for people, or one JSON object each. */
export function lineLogger(output: Output, format: string, verbose: boolean): Logger {
  if (format !== "text" && format !== "json") {
    throw new UsageError(`--log must be text or json; got ${JSON.stringify(format)}.`);
  }
  const write = (level: Level) => (fields: object, message: string) => {
    if (level === "debug" && !verbose) return;
    const at = new Date().toISOString();
    const line =
      format === "json"
        ? JSON.stringify({ at, level, message, ...fields })
        : `${at} incumbent ${level}: ${message} ${inWords(fields)}`;
    output.write(`${line}\n`);
  };
  const [debug, info, warn, error] = LEVELS.map(write);
  const silent = () => {};
  return {
    debug: debug ?? silent,
    info: info ?? silent,
    warn: warn ?? silent,
    error: error ?? silent,
  };
}

function inWords(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${value instanceof Error ? value.message : String(value)}`)
    .join(" ");
}
