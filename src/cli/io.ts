import { writeSync } from "node:fs";
import { isatty } from "node:tty";
import { exitCodes } from "./exit-codes.ts";
import type { LogOutput, Output } from "./output.ts";
import { SteadyOutput } from "./steady-output.ts";

/** Everything of its surroundings that a command may use, so that tests can replace it. */
export interface Io {
  readonly env: NodeJS.ProcessEnv;
  readonly out: Output;
  readonly err: Output;
  /** Standard error for a long-running command, which a slow or closed reader must neither block nor end. */
  openLog(): LogOutput;
}

export function processIo(): Io {
  const err = standardError();
  return {
    env: process.env,
    out: standardOutput(err),
    err,
    openLog: () => new SteadyOutput(2),
  };
}

function standardError(): Output {
  return {
    write: (text) => {
      try {
        writeSync(2, text);
      } catch {
        // The reader is gone. The exit code still says what happened.
      }
    },
    isTerminal: isatty(2),
  };
}

/** Opened at the first write: until then only the command that runs uses the descriptor. */
function standardOutput(err: Output): Output {
  let stream: NodeJS.WriteStream | undefined;
  const open = () =>
    process.stdout.on("error", (error: NodeJS.ErrnoException) => {
      // The reader is gone (`incumbent … | head`), so there is nothing left to do.
      if (error.code === "EPIPE") process.exit();
      err.write(`incumbent: cannot write to standard output: ${error.message}\n`);
      process.exit(exitCodes.failed);
    });
  return {
    write: (text) => {
      stream ??= open();
      stream.write(text);
    },
    isTerminal: isatty(1),
    size: () => {
      const { columns = 80, rows = 24 } = process.stdout;
      return { columns, rows };
    },
  };
}

export type Style = (text: string) => string;

export interface Palette {
  readonly bold: Style;
  readonly dim: Style;
  readonly green: Style;
  readonly red: Style;
  readonly yellow: Style;
  readonly cyan: Style;
}

/** Colours if standard output is a terminal and `NO_COLOR` is not set (no-color.org). */
export function paletteOf(io: Io): Palette {
  const wanted = io.out.isTerminal && (io.env["NO_COLOR"] ?? "") === "";
  const style = (code: number): Style =>
    wanted ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text;
  return {
    bold: style(1),
    dim: style(2),
    green: style(32),
    red: style(31),
    yellow: style(33),
    cyan: style(36),
  };
}
