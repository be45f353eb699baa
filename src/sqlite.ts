export type { FencedTerm } from "./fenced-term.ts";
export type { SqliteLibrary } from "./stores/sqlite/sqlite-client.ts";
export type { FencedDatabase } from "./stores/sqlite/sqlite-fenced-database.ts";
export { SqliteStore, type SqliteStoreOptions } from "./stores/sqlite/sqlite-store.ts";
