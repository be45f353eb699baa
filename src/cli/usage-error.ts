import { nearest } from "../input.ts";

/** A command line that cannot be understood. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** `text`, and the near name where there is one. */
export function unknown(what: string, name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known);
  const hint = near === undefined ? `Known: ${known.join(", ")}.` : `Did you mean ${near}?`;
  return new UsageError(`Unknown ${what} ${name}. ${hint}`);
}
