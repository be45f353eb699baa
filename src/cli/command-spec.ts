/** An option of a command: help, completion and parsing come from the same words. */
export interface OptionSpec {
  /** What stands for its value in the help; nothing for a flag. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

/** A command, for people and for machines. */
export interface CommandSpec {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the command's name, as in `KEY [OPTION…]`. */
  readonly operands: string;
  readonly description: string;
  /** What follows `--` is a command with its own options. */
  readonly takesCommand?: true;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** What comes after the options: exit codes, examples. */
  readonly notes?: string;
}

/** Options that several commands have. */
export const commonOptions = {
  store: {
    value: "URL",
    help: "memory:, sqlite:PATH, redis://HOST, rediss://HOST or redis://A,redis://B,…; default: an SQLite file in your state directory",
  },
  json: { help: "one JSON object a line" },
  help: { short: "h", help: "show this" },
} as const satisfies Record<string, OptionSpec>;

/** The environment variable that stands in for an option that was not given. */
export function variableOf(option: string): string {
  return `INCUMBENT_${option.toUpperCase().replaceAll("-", "_")}`;
}

const WIDTH = 26;

/** The help of a command. */
export function helpOf(spec: CommandSpec): string {
  const options = Object.entries(spec.options).map(([name, { value, short, help }]) => {
    const long = `--${name}${value === undefined ? "" : ` ${value}`}`;
    const names = short === undefined ? long : `-${short}, ${long}`;
    return `  ${names.padEnd(WIDTH - 2)}${names.length > WIDTH - 4 ? `\n${" ".repeat(WIDTH)}` : ""}${help}`;
  });
  return [
    spec.description.trim(),
    `Usage: incumbent ${spec.name} ${spec.operands}`,
    options.join("\n"),
    "Every option has a variable of the environment: --node-id is INCUMBENT_NODE_ID, and so on.",
    ...(spec.notes === undefined ? [] : [spec.notes.trim()]),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}
