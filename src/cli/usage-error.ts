import { nearest } from "../input.ts";

/** The command line is invalid, or asks for something that is impossible here. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** Whether the help would be useful to the user. */
  readonly seeHelp: boolean;

  constructor(message: string, { seeHelp = true }: { readonly seeHelp?: boolean } = {}) {
    super(message);
    this.seeHelp = seeHelp;
  }
}

/** An error about an unknown name, which suggests the nearest known one. */
export function unknown(what: string, name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known);
  const hint = near === undefined ? `Known: ${known.join(", ")}.` : `Did you mean ${near}?`;
  return new UsageError(`Unknown ${what} ${name}. ${hint}`);
}
