import { type Arguments, parseArguments } from "./arguments.ts";
import { type CommandSpec, helpOf, type OptionSpec } from "./command-spec.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** Loads the specs of all commands, which the help and the completion scripts list. */
export type LoadSpecs = () => Promise<readonly CommandSpec[]>;

/** A command: its spec, and the function that runs it with the arguments after its name. */
export interface Command {
  readonly spec: CommandSpec;
  /** Resolves with the exit code. */
  run(args: readonly string[], io: Io, specs: LoadSpecs): Promise<number>;
}

/** Makes a command that parses its arguments by the spec, and prints the help for `--help`. */
export function command<Specs extends Readonly<Record<string, OptionSpec>>>(
  spec: CommandSpec & { readonly options: Specs },
  execute: (given: Arguments<Specs>, io: Io, specs: LoadSpecs) => Promise<number>,
): Command {
  return {
    spec,
    async run(args, io, specs) {
      const given = parseArguments(args, spec, io.env);
      if (!("help" in given.options)) return execute(given, io, specs);
      io.out.write(helpOf(spec));
      return exitCodes.ok;
    },
  };
}
