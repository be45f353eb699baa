import { variableOf } from "./command-spec.ts";

/** The command line's option for each option of the library. */
const optionOf: Readonly<Record<string, string>> = {
  key: "key",
  store: "store",
  ttl: "ttl",
  renewalInterval: "renew",
  nodeId: "node-id",
  metadata: "metadata",
};

/**
 * Replaces the name of the library's option at the start of the message by the one that the user typed:
 * the command line's option, or the environment variable that set it.
 */
export function blame(message: string, args: readonly string[], env: NodeJS.ProcessEnv): string {
  const [said = "", flag, name = ""] =
    /^(?:--([a-z-]+)|([a-zA-Z]+))(?= (?:must|needs|cannot) )/.exec(message) ?? [];
  const option = flag ?? (Object.hasOwn(optionOf, name) ? optionOf[name] : undefined);
  if (option === undefined) return message;
  const variable = variableOf(option);
  if (isTyped(option, args)) return `--${option}${message.slice(said.length)}`;
  return isGiven(option, args, env) ? variable + message.slice(said.length) : message;
}

/** Whether the user set this option, by the command line or the environment. */
export function isGiven(option: string, args: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return isTyped(option, args) || (env[variableOf(option)] ?? "") !== "";
}

function isTyped(option: string, args: readonly string[]): boolean {
  const own = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
  return own.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`));
}
