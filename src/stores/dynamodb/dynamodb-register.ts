import type { Check } from "../diagnosis.ts";
import { decodeRecord, encodeRecord } from "../observed/record-text.ts";
import type { Cell, ObservedRecord, Register, Wait, Written } from "../observed/register.ts";
import { untilAborted } from "../registers/until-aborted.ts";
import { dynamodbChecks } from "./dynamodb-diagnosis.ts";
import { isConflict, storeErrorOf } from "./dynamodb-errors.ts";
import type { DynamodbSettings } from "./dynamodb-options.ts";
import { type DynamodbClient, dynamodbPackage } from "./dynamodb-package.ts";
import { checkTable } from "./dynamodb-table.ts";

/** An item, in DynamoDB's words. */
interface Item {
  readonly key?: { readonly S?: string };
  readonly record?: { readonly S?: string };
}

/** No request is repeated: a write that was carried out unheard would be refused the second time. */
const OWN = { maxAttempts: 1 };

/**
 * The items of a table. A write compares the whole record: each differs from every other one, so its text is its
 * version.
 */
export class DynamodbRegister implements Register {
  readonly #library = dynamodbPackage();
  readonly #settings: DynamodbSettings;
  #client: DynamodbClient | undefined;
  #checked: Promise<void> | undefined;

  constructor(settings: DynamodbSettings) {
    this.#settings = settings;
  }

  async read(key: string, wait: Wait): Promise<Cell> {
    const input = { Key: { key: { S: key } }, ConsistentRead: true };
    const { Item } = await this.#ask<{ Item?: Item }>(this.#library.GetItemCommand, input, wait);
    return this.#cellOf(Item, key);
  }

  async compareAndSet(
    key: string,
    seen: Cell,
    record: ObservedRecord,
    wait: Wait,
  ): Promise<Written<Cell>> {
    const text = encodeRecord(record);
    const input = {
      ...{ Item: { key: { S: key }, record: { S: text } }, ...conditionOf(seen) },
      ReturnValuesOnConditionCheckFailure: "ALL_OLD",
    };
    try {
      await this.#ask(this.#library.PutItemCommand, input, wait);
      return { written: true, cell: { version: text, record } };
    } catch (error) {
      if (!isConflict(error)) throw error;
      // DynamoDB Local and imitations do not say what is there.
      const { Item } = error as { Item?: Item }; // As the SDK attaches it.
      return { written: false, cell: Item && this.#cellOf(Item, key) };
    }
  }

  /** Reads the whole table, a page at a time. */
  async keys(wait: Wait): Promise<string[]> {
    const keys: string[] = [];
    let start: object | undefined;
    do {
      const input = {
        ...{ ProjectionExpression: "#key", ExpressionAttributeNames: { "#key": "key" } },
        ...{ ConsistentRead: true, ...(start && { ExclusiveStartKey: start }) },
      };
      const page = await this.#ask<{ Items?: Item[]; LastEvaluatedKey?: object }>(
        this.#library.ScanCommand,
        input,
        wait,
      );
      keys.push(...(page.Items ?? []).map(({ key }) => key?.S ?? ""));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return keys;
  }

  checks(): readonly Check[] {
    const write = async (input: object, wait: Wait) => {
      await this.#ask(this.#library.PutItemCommand, input, wait);
    };
    return dynamodbChecks(this.#settings.table, (key, wait) => this.read(key, wait), write);
  }

  async close(): Promise<void> {
    this.#client?.destroy();
    this.#client = undefined;
    this.#checked = undefined;
  }

  async #ask<Reply>(
    Command: new (input: object) => object,
    input: object,
    wait: Wait,
  ): Promise<Reply> {
    const { client: settings, table } = this.#settings;
    this.#client ??= new this.#library.DynamoDBClient({ ...settings, ...OWN });
    const client = this.#client;
    await this.#check(client, wait);
    const command = new Command({ TableName: table, ...input });
    try {
      const asked = client.send(command, { abortSignal: wait.signal });
      return (await untilAborted(asked, wait)) as Reply; // As the SDK types it.
    } catch (error) {
      throw isConflict(error) ? error : storeErrorOf(error, wait);
    }
  }

  /** Once, unless it could not be found out. */
  #check(client: DynamodbClient, wait: Wait): Promise<void> {
    this.#checked ??= checkTable(this.#library, client, this.#settings.table).catch((error) => {
      this.#checked = undefined;
      throw error;
    });
    return untilAborted(this.#checked, wait);
  }

  #cellOf(item: Item | undefined, key: string): Cell {
    if (item === undefined) return { version: "0", record: undefined };
    const text = item.record?.S ?? "";
    const where = `The item "${key}" of the table "${this.#settings.table}"`;
    return { version: text, record: decodeRecord(text, where) };
  }
}

/** The record is still the one that was seen. */
function conditionOf({ record, version }: Cell): object {
  if (record === undefined) {
    return {
      ConditionExpression: "attribute_not_exists(#key)",
      ExpressionAttributeNames: { "#key": "key" },
    };
  }
  return {
    ConditionExpression: "#record = :seen",
    ExpressionAttributeNames: { "#record": "record" },
    ExpressionAttributeValues: { ":seen": { S: version } },
  };
}
