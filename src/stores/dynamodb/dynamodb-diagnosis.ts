import { type Check, ok, type Verdict } from "../diagnosis.ts";
import type { Examination } from "../lease-store.ts";
import { roundTrip } from "../server-checks.ts";
import { isConflict } from "./dynamodb-errors.ts";

/** An item of no election. */
const PROBE = "incumbent-doctor";

/** Is never true, so nothing is written. The right to do so is asked for all the same. */
const NEVER = {
  Item: { key: { S: PROBE } },
  ConditionExpression: "attribute_exists(#key) AND attribute_not_exists(#key)",
  ExpressionAttributeNames: { "#key": "key" },
};

/** What is looked at in a table. A table that cannot hold leases is refused by every request. */
export function dynamodbChecks(
  table: string,
  read: (key: string, examination: Examination) => Promise<unknown>,
  write: (input: object, examination: Examination) => Promise<void>,
): Check[] {
  return [
    {
      name: "reachable",
      isVital: true,
      remedy: "Check the table, the region, the endpoint and the credentials.",
      run: async (examination) => {
        const verdicts = await roundTrip(examination, () => read(PROBE, examination));
        return [...verdicts, ok(`The table "${table}" can hold leases.`)];
      },
    },
    {
      name: "rights",
      remedy: "Allow dynamodb:PutItem on the table.",
      run: (examination) => tryToWrite(write, examination),
    },
  ];
}

async function tryToWrite(
  write: (input: object, examination: Examination) => Promise<void>,
  examination: Examination,
): Promise<Verdict[]> {
  try {
    await write(NEVER, examination);
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
  }
  return [ok("Items may be read and written.")];
}
