import type { Cell } from "../observed/register.ts";

/** A record, as etcd keeps it. */
export interface EtcdCell extends Cell {
  /** The value, in base64: what etcd compares. */
  readonly value: string | undefined;
}
