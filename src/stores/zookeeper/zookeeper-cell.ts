import { decodeRecord } from "../observed/record-text.ts";
import type { Cell, ObservedRecord } from "../observed/register.ts";
import { nameOfKey } from "../registers/key-name.ts";
import type { ZookeeperNode } from "./zookeeper-nodes.ts";

/** The record of a node. Throws a `StoreError` if it is something else. */
export function cellOf(path: string, node: ZookeeperNode | undefined): Cell {
  if (node === undefined) return { version: "0", record: undefined };
  const { version, text } = node;
  return { version, record: decodeRecord(text, `The node ${path} of ZooKeeper`) };
}

/**
 * The name of the node that stands for one write of a record, below the node of the record. ZooKeeper compares only how
 * often a node was written since it was made. So each write deletes the node of the write that it replaces, which fails
 * for any other.
 */
export function nameOfWrite({ seq, token, at, nonce }: ObservedRecord): string {
  return `${seq}-${token}-${at}-${nameOfKey(nonce)}`;
}
