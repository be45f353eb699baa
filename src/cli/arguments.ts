import { parseArgs } from "node:util";
import { type CommandSpec, type OptionSpec, variableOf } from "./command-spec.ts";
import { UsageError, unknown } from "./usage-error.ts";

/** The parsed options. A flag is `true` or absent; an option with a value is a string or absent. */
export type Options<Specs extends Readonly<Record<string, OptionSpec>>> = {
  readonly [Name in keyof Specs]?: Specs[Name] extends { readonly value: string } ? string : true;
};

export interface Arguments<Specs extends Readonly<Record<string, OptionSpec>>> {
  readonly options: Options<Specs>;
  readonly operands: readonly string[];
  /** The arguments after `--`, for a command that runs another command. */
  readonly command: readonly string[];
}

/**
 * Parses the arguments of a command; an option that is missing is read from its environment variable.
 * For an unknown option it throws a {@link UsageError} that suggests the nearest one.
 */
export function parseArguments<Specs extends Readonly<Record<string, OptionSpec>>>(
  args: readonly string[],
  spec: CommandSpec & { readonly options: Specs },
  env: NodeJS.ProcessEnv,
): Arguments<Specs> {
  const names = Object.keys(spec.options);
  const split = spec.takesCommand === true ? args.indexOf("--") : -1;
  const { tokens } = parseArgs({
    args: split === -1 ? [...args] : args.slice(0, split),
    options: Object.fromEntries(names.map((name) => [name, kindOf(spec.options[name])])),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const options: Record<string, string | true> = fromEnvironment(spec, env);
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = names.includes(token.name) ? spec.options[token.name] : undefined;
    const known = names.map((name) => `--${name}`);
    if (option === undefined) throw unknown("option", token.rawName, known);
    options[token.name] = check(token.rawName, option, token.value);
  }
  const command = split === -1 ? [] : args.slice(split + 1);
  // Each value was checked against its option above.
  return { options: options as Options<Specs>, operands, command };
}

function kindOf(option: OptionSpec | undefined) {
  const type = option?.value === undefined ? ("boolean" as const) : ("string" as const);
  return option?.short === undefined ? { type } : { type, short: option.short };
}

function check(name: string, option: OptionSpec, value: string | undefined): string | true {
  if (option.value === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`${name} takes no value; got ${JSON.stringify(value)}.`);
  }
  if (value !== undefined && value !== "") return value;
  throw new UsageError(`${name} needs a value: ${name} ${option.value}.`);
}

function fromEnvironment(spec: CommandSpec, env: NodeJS.ProcessEnv): Record<string, string | true> {
  const found: Record<string, string | true> = {};
  for (const [name, option] of Object.entries(spec.options)) {
    const value = env[variableOf(name)];
    if (value === undefined || value === "" || name === "help") continue;
    if (option.value !== undefined) found[name] = value;
    else if (["1", "true", "yes"].includes(value.toLowerCase())) found[name] = true;
    else if (!["0", "false", "no"].includes(value.toLowerCase())) {
      throw new UsageError(`${variableOf(name)} must be 1 or 0; got ${JSON.stringify(value)}.`);
    }
  }
  return found;
}
