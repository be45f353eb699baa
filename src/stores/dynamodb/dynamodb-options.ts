import { boundedText, checkOptions, invalid, isOptions } from "../../input.ts";
import { checkGuard } from "../guard-options.ts";
import { agree, readParameters, textParameter, trueOrFalse } from "../url-parameters.ts";

/** What the constructor of `DynamoDBClient` takes. It understands more than what is named here. */
export interface DynamodbClientOptions {
  readonly region?: unknown;
  readonly endpoint?: unknown;
  readonly credentials?: unknown;
  readonly requestHandler?: unknown;
}

/** How a {@link DynamodbStore} keeps leases. */
export interface DynamodbStoreOptions {
  /** The table, whose only key is the partition key `key`, a string. All candidates of an election must use the same. */
  readonly table?: string | undefined;
  /**
   * Whether a candidate waits one ttl for a lease of which the table knows nothing. `false`: elects at once, and two
   * leaders are possible after items were deleted.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
}

/** The names of all options. */
export const dynamodbOptionNames: readonly (keyof DynamodbStoreOptions)[] = [
  "table",
  "restartGuard",
];

/** The options, complete. */
export interface DynamodbSettings {
  readonly client: DynamodbClientOptions;
  readonly table: string;
  readonly restartGuard: boolean;
}

const EXAMPLE = '"dynamodb://incumbent?region=eu-central-1"';

const parameters = {
  region: textParameter("eu-central-1"),
  endpoint: textParameter("http://127.0.0.1:8000"),
  restartGuard: trueOrFalse,
};

/** What the place and the options say together. Throws `INCUMBENT_INVALID_OPTION`. */
export function dynamodbSettings(
  place: DynamodbClientOptions | string,
  options: DynamodbStoreOptions,
): DynamodbSettings {
  checkOptions(options, dynamodbOptionNames, '{ table: "incumbent" }');
  const { client, ofUrl } = typeof place === "string" ? readUrl(place) : given(place);
  const all = agree<DynamodbStoreOptions>(options, ofUrl, dynamodbOptionNames);
  const { table, restartGuard } = all;
  const example = '"incumbent"';
  boundedText("table", table, { min: 3, max: 255, example });
  if (table === undefined || !/^[\w.-]+$/.test(table)) {
    const rule = "must consist of letters, digits, -, _ and .";
    throw invalid({ name: "table", rule, value: table, example });
  }
  return { client, table, ...checkGuard({ restartGuard }) };
}

function readUrl(text: string): { client: DynamodbClientOptions; ofUrl: DynamodbStoreOptions } {
  const [, table, query = ""] = /^dynamodb:\/\/([\w.-]+)\/?(?:\?([^#]*))?$/i.exec(text) ?? [];
  if (table === undefined) {
    const rule = "must be a URL of the form dynamodb://TABLE?region=REGION";
    throw invalid({ name: "store", rule, value: text, example: EXAMPLE });
  }
  const { region, endpoint, restartGuard } = readParameters(query, parameters);
  if (endpoint !== undefined && !/^https?:\/\/[^@]+$/i.test(endpoint)) {
    const rule = "must be a URL that begins with http:// or https://, without a user";
    const example = "http://127.0.0.1:8000";
    throw invalid({ name: 'parameter "endpoint"', rule, value: endpoint, example });
  }
  return {
    client: { ...(region && { region }), ...(endpoint && { endpoint }) },
    ofUrl: { table, restartGuard },
  };
}

function given(client: DynamodbClientOptions) {
  if (!isOptions(client) || "send" in client) {
    const rule = "must be a URL, or the settings that new DynamoDBClient() takes";
    throw invalid({ name: "client", rule, value: client, example: EXAMPLE });
  }
  return { client, ofUrl: {} };
}
