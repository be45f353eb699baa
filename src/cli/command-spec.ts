/** An option of a command. Help, completion and parsing all use it. */
export interface OptionSpec {
  /** The placeholder for its value in the help; absent for a flag. */
  readonly value?: string;
  readonly short?: string;
  readonly help: string;
}

/** A command as the help, the completion scripts and the parser need it. */
export interface CommandSpec {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** What follows the command's name in the usage line, such as `KEY [OPTION…]`. */
  readonly operands: string;
  readonly description: string;
  /** The arguments after `--` are another command with its own options. */
  readonly takesCommand?: true;
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Text after the list of options, such as exit codes and examples. */
  readonly notes?: string;
}

/** Options that several commands share. */
export const commonOptions = {
  store: {
    value: "URL",
    help: "memory:, sqlite:PATH, redis://HOST, rediss://HOST, redis://A,redis://B,…, redis+sentinel://HOST,…/PRIMARY, redis+cluster://HOST,…, postgres://HOST/DATABASE, mysql://HOST/DATABASE, kubernetes:NAMESPACE, etcd://HOST, nats://HOST, consul://HOST, zookeeper://HOST or dynamodb://TABLE; default: an SQLite file in your state directory",
  },
  json: { help: "one JSON object per line" },
  help: { short: "h", help: "show this help" },
} as const satisfies Record<string, OptionSpec>;

/** The environment variable that is read when the option is not given. */
export function variableOf(option: string): string {
  return `INCUMBENT_${option.toUpperCase().replaceAll("-", "_")}`;
}

const WIDTH = 26;

/** Returns the help text of a command. */
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
    "Every option can also be set by an environment variable: --node-id by INCUMBENT_NODE_ID, and so on.",
    ...(spec.notes === undefined ? [] : [spec.notes.trim()]),
    "",
  ]
    .join("\n\n")
    .replace(/\n+$/, "\n");
}
