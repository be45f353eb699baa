import { command } from "../command.ts";
import { type CommandSpec, commonOptions } from "../command-spec.ts";
import { completions, type Shell } from "../completion/completions.ts";
import { exitCodes } from "../exit-codes.ts";
import { UsageError, unknown } from "../usage-error.ts";

const completionSpec = {
  name: "completion",
  summary: "print a completion script for bash, zsh or fish",
  operands: "bash|zsh|fish",
  description: "Prints a script with which your shell completes commands and options.",
  options: { help: commonOptions.help },
  notes: `  bash   incumbent completion bash > ~/.local/share/bash-completion/completions/incumbent
  zsh    incumbent completion zsh > "\${fpath[1]}/_incumbent"
  fish   incumbent completion fish > ~/.config/fish/completions/incumbent.fish`,
} as const satisfies CommandSpec;

/** `incumbent completion SHELL`. */
export const completion = command(completionSpec, async ({ operands }, io, specs) => {
  const shells = Object.keys(completions);
  const [shell] = operands;
  if (shell === undefined) throw new UsageError(`completion needs a shell: ${shells.join(", ")}.`);
  if (!Object.hasOwn(completions, shell)) throw unknown("shell", shell, shells);
  io.out.write(completions[shell as Shell](await specs())); // The line above checked that it is one of them.
  return exitCodes.ok;
});
