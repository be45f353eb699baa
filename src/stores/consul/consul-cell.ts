import { StoreError } from "../../errors.ts";
import { decodeRecord } from "../observed/record-text.ts";
import type { Cell } from "../observed/register.ts";

/** A record as Consul keeps it. */
export interface ConsulCell extends Cell {
  /** What a write is compared with; 0 if there is no record. */
  readonly index: number;
}

/** An entry of the key-value store, in Consul's words. */
export interface ConsulEntry {
  readonly ModifyIndex: number;
  /** Another one after the record was deleted and written anew. */
  readonly CreateIndex: number;
  /** In base64. */
  readonly Value?: string | null;
  /** Of a process that holds the key as a lock. */
  readonly Session?: string;
}

/** The record of an entry. Throws a `StoreError` if it is something else, or a lock. */
export function cellOf(entry: ConsulEntry | undefined, key: string): ConsulCell {
  if (entry === undefined) return { version: "0", record: undefined, index: 0 };
  const where = `The record of "${key}" in Consul`;
  if (entry.Session !== undefined) {
    const message = `${where} is locked by a session, as consul lock does it.`;
    throw new StoreError("INCUMBENT_KEY_OCCUPIED", message, { applied: "no" });
  }
  const text = Buffer.from(entry.Value ?? "", "base64").toString();
  return { ...versionOf(entry), record: decodeRecord(text, where) };
}

/** What distinguishes an entry from every other one of its key. */
export function versionOf({ CreateIndex, ModifyIndex }: ConsulEntry) {
  return { version: `${CreateIndex}/${ModifyIndex}`, index: ModifyIndex };
}
