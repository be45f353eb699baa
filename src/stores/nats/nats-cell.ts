import { decodeRecord } from "../observed/record-text.ts";
import type { Cell, ObservedRecord } from "../observed/register.ts";
import type { NatsBucket } from "./nats-bucket.ts";

/** A record of a bucket. */
export interface NatsCell extends Cell {
  /** When the bucket was made: another bucket begins to count anew. */
  readonly created: string;
  readonly revision: number;
}

/** The record of a text, as this bucket has it. Throws a `StoreError` if it is something else. */
export function cellOf(
  bucket: NatsBucket,
  key: string,
  revision: number,
  text: string | undefined,
): NatsCell {
  const where = `The record of "${key}" in the bucket "${bucket.name}"`;
  return versioned(bucket, revision, text === undefined ? undefined : decodeRecord(text, where));
}

export function versioned(
  { created }: NatsBucket,
  revision: number,
  record: ObservedRecord | undefined,
): NatsCell {
  return { version: `${created}/${revision}`, record, created, revision };
}

/** Whether a message with this operation in its headers removes a record. */
export function isRemoval(operation: string): boolean {
  return operation === "DEL" || operation === "PURGE";
}
