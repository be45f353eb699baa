export { SqliteStore, type SqliteStoreOptions } from "./stores/sqlite/sqlite-store.ts";
