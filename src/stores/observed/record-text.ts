import { StoreError } from "../../errors.ts";
import type { ObservedRecord } from "./register.ts";

/** The format that this version writes. One that it does not know is an error, and not a guess. */
const FORMAT = 1;

/** The fields that a register keeps of a record, with their format. */
export function fieldsOf({ metadata, ...record }: ObservedRecord): Record<string, string | number> {
  return { format: FORMAT, ...record, ...(metadata !== undefined && { metadata }) };
}

/** The record as text, for registers that keep texts or bytes. */
export function encodeRecord(record: ObservedRecord): string {
  return JSON.stringify(fieldsOf(record));
}

/** The record of a text. Throws a `StoreError` that begins with `where` if it is something else. */
export function decodeRecord(text: string, where: string): ObservedRecord {
  return checkRecord(parse(text), where);
}

/** The record that these fields make, with their format. Throws as {@link decodeRecord}. */
export function checkRecord(
  fields: Readonly<Record<string, unknown>>,
  where: string,
): ObservedRecord {
  const format = fields["format"];
  if (typeof format === "number" && format > FORMAT) {
    throw occupied(`${where} was written by a later version of Incumbent (format ${format}).`);
  }
  const { nonce, seq, nodeId, metadata, token, since, ttl, at } = fields;
  const isOurs =
    format === FORMAT &&
    [nonce, nodeId].every((each) => typeof each === "string") &&
    (metadata === undefined || typeof metadata === "string") &&
    [seq, token, since, ttl, at].every((each) => typeof each === "number" && each >= 0);
  if (!isOurs) {
    throw occupied(`${where} holds something that Incumbent did not write.`);
  }
  // Each field has just been checked.
  return { nonce, seq, nodeId, metadata, token, since, ttl, at } as ObservedRecord;
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    // Of what is no object, nothing is left that is a field.
    return { ...JSON.parse(text) };
  } catch {
    return {};
  }
}

function occupied(message: string): StoreError {
  return new StoreError("INCUMBENT_KEY_OCCUPIED", message, { applied: "no" });
}
