export type {
  DynamodbClientOptions,
  DynamodbStoreOptions,
} from "./stores/dynamodb/dynamodb-options.ts";
export { DynamodbStore } from "./stores/dynamodb/dynamodb-store.ts";
