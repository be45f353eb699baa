import { ObservedStore } from "../observed/observed-store.ts";
import { type ObservedTime, realTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import {
  type DynamodbClientOptions,
  type DynamodbStoreOptions,
  dynamodbSettings,
} from "./dynamodb-options.ts";
import { DynamodbRegister } from "./dynamodb-register.ts";

/**
 * Leases in a DynamoDB table of one region. Its client is its own, and stays open until `close()`.
 *
 * @example
 * const store = new DynamodbStore("dynamodb://incumbent?region=eu-central-1");
 * const elector = new Elector(store, "billing:scheduler", { ttl: 30_000 });
 * await elector.start();
 */
export class DynamodbStore extends ObservedStore {
  declare readonly keys: (wait: Wait) => Promise<string[]>;

  /**
   * @param place A URL `dynamodb://TABLE?region=…&endpoint=…`, of which each of the store's own options may be a
   * parameter, or the settings that `new DynamoDBClient()` takes, beside the option `table`.
   * @param time is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` when
   * `@aws-sdk/client-dynamodb` is not installed.
   */
  constructor(
    place: DynamodbClientOptions | string,
    options: DynamodbStoreOptions = {},
    time: ObservedTime = realTime,
  ) {
    const settings = dynamodbSettings(place, options);
    const traits = { name: "dynamodb", exclusion: "strict", tokens: "clock" } as const;
    super(new DynamodbRegister(settings), { traits, restartGuard: settings.restartGuard }, time);
  }
}
