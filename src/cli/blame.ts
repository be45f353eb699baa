import { variableOf } from "./command-spec.ts";

/** What the library calls the options of the command line. */
const optionOf: Readonly<Record<string, string>> = {
  key: "key",
  store: "store",
  ttl: "ttl",
  renewalInterval: "renew",
  nodeId: "node-id",
  metadata: "metadata",
};

/**
 * The message with the name that the user has given the value by: the option, or the variable of the
 * environment that stood in for it.
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
