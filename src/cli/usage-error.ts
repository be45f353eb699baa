import { nearest } from "../input.ts";

/** A command line that cannot be understood, or that asks for what cannot be had. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** Whether the help would say more. */
  readonly seeHelp: boolean;

  constructor(message: string, { seeHelp = true }: { readonly seeHelp?: boolean } = {}) {
    super(message);
    this.seeHelp = seeHelp;
  }
}

/** `text`, and the near name where there is one. */
export function unknown(what: string, name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known);
  const hint = near === undefined ? `Known: ${known.join(", ")}.` : `Did you mean ${near}?`;
  return new UsageError(`Unknown ${what} ${name}. ${hint}`);
}
