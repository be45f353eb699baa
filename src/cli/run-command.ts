import { readFileSync } from "node:fs";
import { isIncumbentError } from "../errors.ts";
import { redact } from "../redact.ts";
import { blame, isGiven } from "./blame.ts";
import { commands, specs } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { oneLine } from "./one-line.ts";
import { UsageError, unknown } from "./usage-error.ts";

/** The command that runs in the processes of the demo. The help omits it, since it is not for users. */
const CANDIDATE = "candidate";

/** Runs the command that the arguments name. Every error is reported as one line and an exit code. */
export async function runCommand(args: readonly string[], io: Io): Promise<number> {
  const [name, ...rest] = args;
  try {
    if (name === undefined || name === "--help" || name === "-h" || name === "help") {
      (name === undefined ? io.err : io.out).write(await help());
      return name === undefined ? exitCodes.usage : exitCodes.ok;
    }
    if (name === "--version") {
      io.out.write(`${version()}\n`);
      return exitCodes.ok;
    }
    if (name === CANDIDATE) return await (await import("./demo/candidate.ts")).candidate(rest);
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load === undefined) throw unknown("command", name, Object.keys(commands));
    const command = await load();
    return await command.run(rest, io, specs);
  } catch (error) {
    return report(error, io, args);
  }
}

async function help(): Promise<string> {
  const rows = (await specs()).map(
    ({ name, summary }) => `  incumbent ${name.padEnd(12)}${summary}`,
  );
  return `Leader election: of several processes one is the leader, and if it dies another takes over.

Usage: incumbent COMMAND [OPTION…]

${rows.join("\n")}

  incumbent COMMAND --help    show the help of a command
  incumbent --version
`;
}

function report(error: unknown, io: Io, args: readonly string[]): number {
  const text = error instanceof Error ? error.message : String(error);
  const isMissing = isIncumbentError(error) && error.code === "INCUMBENT_MISSING_PACKAGE";
  const other =
    isMissing && !/redis/i.test(text)
      ? ` Or use another store, such as --store ${OTHER_STORE}.`
      : "";
  const why = isMissing && !isGiven("store", args, io.env) ? NO_STORE : "";
  io.err.write(`incumbent: ${why}${oneLine(redact(blame(text, args, io.env)))}${other}\n`);
  if (isMissing) return exitCodes.usage;
  const isInvalid = isIncumbentError(error) && error.code === "INCUMBENT_INVALID_OPTION";
  if (!isInvalid && !(error instanceof UsageError)) {
    return isIncumbentError(error) ? exitCodes.unavailable : exitCodes.failed;
  }
  const [command = ""] = args;
  const known = Object.hasOwn(commands, command) ? `${command} ` : "";
  if (!(error instanceof UsageError) || error.seeHelp)
    io.err.write(`Try: incumbent ${known}--help\n`);
  return exitCodes.usage;
}

const NO_STORE =
  "Neither --store nor INCUMBENT_STORE is given, and the default store cannot be opened. ";

/** A store whose packages need no native code. */
const OTHER_STORE = "redis://HOST (with the package ioredis or redis)";

function version(): string {
  const manifest = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return String((JSON.parse(manifest) as { version: unknown }).version); // Our own package.json.
}
