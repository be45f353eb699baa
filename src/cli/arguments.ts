import { parseArgs } from "node:util";
import { UsageError, unknown } from "./usage-error.ts";

/** The options of a command: a flag, or one that takes a value. */
export type OptionKinds = Readonly<Record<string, "flag" | "value">>;

export type Options<Kinds extends OptionKinds> = {
  readonly [Name in keyof Kinds]?: Kinds[Name] extends "flag" ? boolean : string;
};

/** What was given to a command, or a {@link UsageError} that suggests the near option. */
export function parseArguments<const Kinds extends OptionKinds>(
  args: readonly string[],
  kinds: Kinds,
): { options: Options<Kinds>; operands: readonly string[] } {
  const names = Object.keys(kinds);
  const { tokens } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      names.map((name) => [name, { type: kinds[name] === "flag" ? "boolean" : "string" }]),
    ),
    strict: false,
    tokens: true,
    allowPositionals: true,
  });
  const options: Record<string, string | boolean> = {};
  const operands: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const kind = kinds[token.name];
    const known = names.map((name) => `--${name}`);
    if (kind === undefined) throw unknown("option", token.rawName, known);
    if (kind === "flag" && token.value !== undefined) {
      throw new UsageError(`${token.rawName} takes no value; got ${JSON.stringify(token.value)}.`);
    }
    if (kind === "value" && (token.value === undefined || token.value === "")) {
      throw new UsageError(`${token.rawName} needs a value.`);
    }
    options[token.name] = token.value ?? true;
  }
  // Each value was checked against its kind above.
  return { options: options as Options<Kinds>, operands };
}
