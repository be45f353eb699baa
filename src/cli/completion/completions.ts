import type { CommandSpec } from "../command-spec.ts";
import { bash } from "./bash.ts";
import { fish } from "./fish.ts";
import { zsh } from "./zsh.ts";

export type Shell = "bash" | "zsh" | "fish";

/** A script for each shell, made from the commands' own words. */
export const completions: Readonly<Record<Shell, (specs: readonly CommandSpec[]) => string>> = {
  bash,
  zsh,
  fish,
};
