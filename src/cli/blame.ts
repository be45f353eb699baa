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
  const own = args.slice(0, args.includes("--") ? args.indexOf("--") : args.length);
  const isGiven = own.some((arg) => arg === `--${option}` || arg.startsWith(`--${option}=`));
  const isVariable = !isGiven && (env[variable] ?? "") !== "";
  if (isVariable) return variable + message.slice(said.length);
  return isGiven ? `--${option}${message.slice(said.length)}` : message;
}
