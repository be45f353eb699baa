import type { CommandSpec } from "../command-spec.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

export type Shell = "bash" | "zsh" | "fish";

/** Makes a completion script for each shell from the specs of the commands. */
export const completions: Readonly<Record<Shell, (specs: readonly CommandSpec[]) => string>> = {
  bash,
  zsh,
  fish,
};
