import { StoreError } from "../../errors.ts";

/** A table has the name of one of the store's, and is another. `server` is as people call it. */
export function foreignTable(server: string, names: readonly string[], error: unknown): StoreError {
  const cause = error instanceof StoreError ? error.cause : error;
  const text = cause instanceof Error ? cause.message : String(cause);
  const detail = `of the tables ${names.join(", ")} at least one is not the store's: ${text}`;
  const remedy =
    'Give the store another name with the option table, for example { table: "app_elections" }, or rename what has that name';
  const message = `In ${server}, ${detail}. ${remedy}.`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, {
    ...{ cause: error, applied: "no", detail },
  });
}
