import { parseArguments } from "../arguments.ts";
import { type CommandSpec, commonOptions, helpOf } from "../command-spec.ts";
import { completions, type Shell } from "../completion/completions.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { specs } from "../specs.ts";
import { UsageError, unknown } from "../usage-error.ts";

export const completionSpec = {
  name: "completion",
  summary: "prints a completion script for bash, zsh or fish",
  operands: "bash|zsh|fish",
  description: "Prints a script that completes commands and options in your shell.",
  options: { help: commonOptions.help },
  notes: `  bash   incumbent completion bash > ~/.local/share/bash-completion/completions/incumbent
  zsh    incumbent completion zsh > "\${fpath[1]}/_incumbent"
  fish   incumbent completion fish > ~/.config/fish/completions/incumbent.fish`,
} as const satisfies CommandSpec;

/** `incumbent completion SHELL`. */
export async function completion(args: readonly string[], io: Io): Promise<number> {
  const { options, operands } = parseArguments(args, completionSpec, io.env);
  if (options.help === true) {
    io.out.write(helpOf(completionSpec));
    return exitCodes.ok;
  }
  const shells = Object.keys(completions);
  const [shell] = operands;
  if (shell === undefined) throw new UsageError(`completion needs a shell: ${shells.join(", ")}.`);
  if (!Object.hasOwn(completions, shell)) throw unknown("shell", shell, shells);
  io.out.write(completions[shell as Shell](await specs())); // It is one of the names just asked for.
  return exitCodes.ok;
}
