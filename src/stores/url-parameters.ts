import { checkOptions, invalid, rejectUnknown, show } from "../input.ts";

/** What a parameter of a store's URL may be. */
export interface Parameter<Value> {
  readonly rule: string;
  readonly example: string;
  /** Nothing for a text that breaks the rule. */
  read(text: string): Value | undefined;
}

export const trueOrFalse: Parameter<boolean> = {
  rule: "must be true or false",
  example: "true",
  read: (text) => (text === "true" ? true : text === "false" ? false : undefined),
};

export function oneOf(...values: readonly [number, ...number[]]): Parameter<number> {
  return {
    rule: `must be ${values.join(" or ")}`,
    example: String(values[0]),
    read: (text) => values.find((value) => String(value) === text),
  };
}

export function wholeNumberParameter(example: string): Parameter<number> {
  const read = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
  return { rule: "must be a whole number", example, read };
}

export function textParameter(example: string): Parameter<string> {
  return { rule: "must not be empty", example, read: (text) => text || undefined };
}

/** The values of parameters, each of its own type; nothing for those that are not given. */
export type Values<Known> = {
  [Name in keyof Known]?: Known[Name] extends Parameter<infer Value> ? Value : never;
};

/**
 * The parameters behind the `?` of a store's URL. Throws `INCUMBENT_INVALID_OPTION`, which shows the value
 * of none that is not known: it may be a password.
 */
export function readParameters<Known extends Record<string, Parameter<unknown>>>(
  query: string,
  known: Known,
): Values<Known> {
  const values: Record<string, unknown> = {};
  for (const part of query.split("&").filter((part) => part !== "")) {
    const [[name, text] = ["", ""]] = new URLSearchParams(part);
    const names = Object.keys(known);
    if (!part.includes("=")) throw misplaced("must have the form name=value", names);
    if (percentDecoded(part) === undefined) {
      throw misplaced("must have every % in a value written as %25", names);
    }
    rejectUnknown("parameter", { [name]: "***" }, names);
    if (name in values) throw misplaced(`must have "${name}" once`, names);
    values[name] = read(name, text, known[name]);
  }
  // Each was read by the parameter of its own name.
  return values as Values<Known>;
}

/** The text that a part of a URL stands for. Nothing if it has a `%` without two digits of it. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** What options and a URL say together. Throws `INCUMBENT_INVALID_OPTION` when the two say different things. */
export function agree<Options extends object>(
  options: Options,
  others: Options,
  names: readonly (keyof Options & string)[],
): Options {
  checkOptions(options, names, `{ ${names[0] ?? "name"}: … }`);
  for (const name of names) {
    const [one, other] = [options[name], others[name]];
    if (one === undefined || other === undefined || one === other) continue;
    const rule = `must be the same wherever it is given, in options and URLs; here ${show(one)} and ${show(other)}`;
    throw invalid({ name, rule, value: other, example: "give it once" });
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...others, ...Object.fromEntries(given) };
}

function read(name: string, text: string, parameter: Parameter<unknown> | undefined): unknown {
  const value = parameter?.read(text);
  if (value !== undefined || parameter === undefined) return value;
  const { rule, example } = parameter;
  throw invalid({ name: `parameter "${name}"`, rule, value: text, example });
}

function misplaced(rule: string, names: readonly string[]) {
  const example = `?${names[0] ?? "name"}=…`;
  return invalid({ name: "the query of the store's URL", rule, value: "?***", example });
}
