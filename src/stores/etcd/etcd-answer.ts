import { StoreError } from "../../errors.ts";

/** A key of etcd. */
export interface KeyValue {
  /** In base64. */
  readonly key: string;
  /** In base64. */
  readonly value: string;
  /** Of its last change. */
  readonly revision: string;
}

/** What an answer to a range or a transaction says. Numbers of 64 bits are texts; what is 0 or empty is left out. */
export interface Answer {
  readonly revision: string;
  readonly succeeded: boolean;
  readonly kvs: readonly KeyValue[];
}

/** A message of a watch. */
export interface WatchMessage {
  /** Of the changes, or of the cluster when the watch began. */
  readonly events: readonly { readonly isDeleted: boolean; readonly pair: KeyValue }[];
  /** Whether etcd has ended the watch: it may have forgotten the revision that it should begin with. */
  readonly isCanceled: boolean;
}

/** Throws a `StoreError` if something else has answered. */
export function readAnswer(answer: unknown): Answer {
  const { header, succeeded = false, kvs, responses } = fieldsOf(answer);
  const revision = fieldsOf(header)["revision"];
  if (typeof revision !== "string") throw unexpected(answer);
  const range = Array.isArray(responses) ? fieldsOf(responses[0])["response_range"] : undefined;
  return {
    revision,
    succeeded: succeeded === true,
    kvs: pairsOf(kvs ?? (range === undefined ? [] : (fieldsOf(range)["kvs"] ?? []))),
  };
}

/** Throws a `StoreError` if something else has answered. */
export function readWatchMessage(line: string): WatchMessage {
  const message = fieldsOf(JSON.parse(line));
  const { events = [], canceled = false } = fieldsOf(message["result"]);
  if (message["error"] !== undefined) return { events: [], isCanceled: true };
  if (!Array.isArray(events)) throw unexpected(message);
  return {
    isCanceled: canceled === true,
    events: events.map((each) => {
      const { type, kv } = fieldsOf(each);
      return { isDeleted: type === "DELETE", pair: pairOf(kv) };
    }),
  };
}

function pairsOf(kvs: unknown): KeyValue[] {
  if (!Array.isArray(kvs)) throw unexpected(kvs);
  return kvs.map(pairOf);
}

function pairOf(pair: unknown): KeyValue {
  const { key, value = "", mod_revision: revision } = fieldsOf(pair);
  if (typeof key !== "string" || typeof value !== "string" || typeof revision !== "string") {
    throw unexpected(pair);
  }
  return { key, value, revision };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function unexpected(answer: unknown): StoreError {
  const text = JSON.stringify(answer)?.slice(0, 100);
  const message = `etcd has answered something unexpected: ${text}`;
  return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "maybe" });
}
