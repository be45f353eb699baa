import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import {
  type DynamodbClientOptions,
  type DynamodbStoreOptions,
  dynamodbOptionNames,
  dynamodbSettings,
} from "./stores/dynamodb/dynamodb-options.ts";
import { DynamodbStore } from "./stores/dynamodb/dynamodb-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type {
  DynamodbClientOptions,
  DynamodbStoreOptions,
} from "./stores/dynamodb/dynamodb-options.ts";
export { DynamodbStore } from "./stores/dynamodb/dynamodb-store.ts";

/** The options of the elector and of its store. */
export interface DynamodbElectorOptions extends ElectorOptions, DynamodbStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on a DynamoDB table of one region. All those that are made with the same URL or the same settings of a
 * client, and with the same options of the store, share one {@link DynamodbStore}, which opens its connections when
 * it is first used. The last of them to stop closes them.
 *
 * @example
 * const table = "dynamodb://incumbent?region=eu-central-1";
 * const elector = new DynamodbElector(table, "billing:scheduler", { ttl: 30_000 });
 * await elector.start();
 */
export class DynamodbElector extends ClosingElector {
  /**
   * @param place A URL `dynamodb://TABLE?region=…&endpoint=…`, or the settings that `new DynamoDBClient()` takes,
   * beside the option `table`.
   * @param key Which election: 1 to 512 bytes that can all be seen.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` when
   * `@aws-sdk/client-dynamodb` is not installed.
   */
  constructor(
    place: DynamodbClientOptions | string,
    key: string,
    options: DynamodbElectorOptions = {},
  ) {
    const { store, elector } = divideOptions<DynamodbStoreOptions>(options, dynamodbOptionNames);
    const { client: _, ...settings } = dynamodbSettings(place, store);
    super(
      stores.share([place], settings, () => new DynamodbStore(place, store)),
      key,
      elector,
    );
  }
}
