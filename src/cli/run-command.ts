import { readFileSync } from "node:fs";
import { isIncumbentError } from "../errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { UsageError, unknown } from "./usage-error.ts";

interface Command {
  /** Runs with the arguments after the command's name and answers with the exit code. */
  run(args: readonly string[], io: Io): Promise<number>;
}

/** Loaded when they are asked for, so that `--version` costs nothing. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => ({ run: (await import("./commands/demo.ts")).demo }),
};

const help = `Leader election: several processes, one leader, and when it dies another takes over.

Usage: incumbent COMMAND [OPTION…]

  incumbent demo     shows an election: a leader is killed, the next paused, the next resigns
  incumbent COMMAND --help    says more of a command
  incumbent --version
`;

/** Runs the command that the arguments name. Every error becomes one line and an exit code. */
export async function runCommand(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "-h") {
      (name === undefined ? io.err : io.out).write(help);
      return name === undefined ? exitCodes.usage : exitCodes.ok;
    }
    if (name === "--version") {
      io.out.write(`${version()}\n`);
      return exitCodes.ok;
    }
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load === undefined) throw unknown("command", name, Object.keys(commands));
    const command = await load();
    return await command.run(rest, io);
  } catch (error) {
    return report(error, io);
  }
}

function report(error: unknown, io: Io): number {
  const isUsage =
    error instanceof UsageError ||
    (isIncumbentError(error) &&
      ["INCUMBENT_INVALID_OPTION", "INCUMBENT_MISSING_PACKAGE"].includes(error.code));
  const text = error instanceof Error ? error.message : String(error);
  io.err.write(`incumbent: ${text}\n`);
  if (isUsage) {
    io.err.write("Try: incumbent --help\n");
    return exitCodes.usage;
  }
  return isIncumbentError(error) ? exitCodes.unavailable : exitCodes.failed;
}

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(manifest) as { version: unknown }).version); // Our own package.json.
}
