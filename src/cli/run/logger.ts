import type { Logger } from "../../elector/log.ts";
import { oneLine, oneWord } from "../one-line.ts";
import type { Output } from "../output.ts";
import { UsageError } from "../usage-error.ts";

type Level = "debug" | "info" | "warn" | "error";

const LEVELS: readonly Level[] = ["debug", "info", "warn", "error"];

/** Makes a logger that writes lines of text, or one JSON object per line. */
export function lineLogger(output: Output, format: string, verbose: boolean): Logger {
  if (format !== "text" && format !== "json") {
    throw new UsageError(`--log must be text or json; got ${JSON.stringify(format)}.`);
  }
  const line = format === "json" ? jsonLine : textLine;
  const write = (level: Level) => (fields: object, message: string) => {
    if (level === "debug" && !verbose) return;
    output.write(`${line(level, fields, message)}\n`);
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

function jsonLine(level: Level, fields: object, message: string): string {
  const line = { at: new Date().toISOString(), level, message, ...fields };
  return JSON.stringify(line, (_name, value: unknown) =>
    value instanceof Error
      ? { name: value.name, message: value.message, stack: value.stack }
      : value,
  );
}

function textLine(level: Level, fields: object, message: string): string {
  const words = Object.entries(fields).flatMap(([name, value]) =>
    // The field `error` has its message.
    value instanceof Error ? [] : [`${name}=${oneWord(String(value))}`],
  );
  return [`${new Date().toISOString()} incumbent ${level}: ${oneLine(message)}`, ...words].join(
    " ",
  );
}
