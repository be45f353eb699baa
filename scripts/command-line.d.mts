import type { ParseArgsConfig, parseArgs } from "node:util";

export class UsageError extends Error {}

export function runScript(
  usage: string,
  main: (args: string[]) => number | Promise<number>,
): Promise<void>;

type Config<O, P> = { args: string[]; options: O; allowPositionals: P };

export function readArgs<
  const O extends NonNullable<ParseArgsConfig["options"]>,
  const P extends boolean = false,
>(
  args: readonly string[],
  options: O,
  settings?: { allowPositionals?: P },
): ReturnType<typeof parseArgs<Config<O, P>>>;

export function wholeNumber<Default extends number | undefined>(
  name: string,
  text: string | undefined,
  bounds: { min: number; fallback: Default },
): number | Default;
