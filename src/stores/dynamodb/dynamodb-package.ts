import { IncumbentError } from "../../errors.ts";
import { optionalPackage } from "../../optional-package.ts";

/** What this store uses of a client of `@aws-sdk/client-dynamodb`. */
export interface DynamodbClient {
  send(command: object, options: { abortSignal: AbortSignal }): Promise<unknown>;
  destroy(): void;
}

type Command = new (input: object) => object;

/** What this store uses of `@aws-sdk/client-dynamodb`. */
export interface DynamodbPackage {
  readonly DynamoDBClient: new (settings: object) => DynamodbClient;
  readonly DescribeTableCommand: Command;
  readonly GetItemCommand: Command;
  readonly PutItemCommand: Command;
  readonly ScanCommand: Command;
}

/** Throws `INCUMBENT_MISSING_PACKAGE`. */
export function dynamodbPackage(): DynamodbPackage {
  // What it exports is for its own documentation to say.
  const found = optionalPackage("@aws-sdk/client-dynamodb") as DynamodbPackage | undefined;
  if (found !== undefined) return found;
  const message =
    "A DynamodbStore needs the client of DynamoDB: npm install @aws-sdk/client-dynamodb.";
  throw new IncumbentError("INCUMBENT_MISSING_PACKAGE", message);
}
