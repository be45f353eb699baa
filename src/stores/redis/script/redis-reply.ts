import { StoreError } from "../../../errors.ts";
import type { LeaseRecord } from "../../lease-store.ts";

/** The reply to one request: its status and what follows. */
export interface ScriptReply {
  readonly status: string;
  readonly rest: readonly string[];
}

/** What a server says of itself in every call that has a guarded request. */
export interface ServerNote {
  /** The server's identity; another one after every restart. */
  readonly run: string;
  /** The server's clock, in µs since 1970. */
  readonly micros: number;
  readonly mode: string;
  /** Its major version; 0 where it is not known. */
  readonly version: number;
}

/** The reply of one call, taken apart. */
export interface CallReply {
  readonly note: ServerNote;
  /** One for each request, in their order. */
  readonly replies: readonly ScriptReply[];
}

/** Takes the reply to a call with so many requests apart. Throws a `StoreError` if it is not one. */
export function parseCall(reply: unknown, count: number): CallReply {
  if (!Array.isArray(reply)) throw unexpected(reply);
  const [head, ...replies] = reply;
  const [run, micros, mode, version] = parseStrings(head);
  if (run === undefined || micros === undefined || mode === undefined) throw unexpected(reply);
  return {
    note: { run, micros: Number(micros), mode, version: Number(version ?? 0) },
    replies: parseReplies(replies, count),
  };
}

const renewed: ScriptReply = { status: "renewed", rest: [] };

/** A renewal that stands alone is the reply to all. */
function parseReplies(replies: readonly unknown[], count: number): readonly ScriptReply[] {
  const parsed = replies.map(parseReply);
  if (parsed.length === 1 && parsed[0] === renewed) return Array(count).fill(renewed);
  if (parsed.length !== count) throw unexpected(replies);
  return parsed;
}

function parseReply(reply: unknown): ScriptReply {
  if (reply === renewed.status) return renewed; // One object for the answer of nearly all.
  const [status = "", ...rest] = parseStrings(reply);
  const isShort = status === renewed.status && rest.length === 0;
  return isShort ? renewed : { status, rest };
}

/** Strings come as strings, or as buffers from a client that is configured so. A status may come alone. */
function parseStrings(reply: unknown): string[] {
  if (typeof reply === "string" || reply instanceof Uint8Array) return [String(reply)];
  if (!Array.isArray(reply) || reply.length === 0) throw unexpected(reply);
  return reply.map(String);
}

/** The reply of SCAN: the next cursor, and keys. */
export function parseScan(reply: unknown): [cursor: string, keys: string[]] {
  if (!Array.isArray(reply) || !Array.isArray(reply[1])) throw unexpected(reply);
  return [String(reply[0]), reply[1].map(String)];
}

/** `[token, node, since, remaining, metadata, ttl]`, times in µs; empty where there is no live lease. */
export function parseHolder(fields: readonly string[]): LeaseRecord | undefined {
  const [token, nodeId, since, remaining, metadata, ttl = ""] = fields;
  if (token === undefined || token === "" || nodeId === undefined) return undefined;
  const expiresIn = Number(remaining) / 1000;
  return {
    nodeId,
    token: Number(token),
    since: Number(since) / 1000,
    // A Redlock string without expiry has a PTTL of -1: it stays until it is deleted.
    expiresIn: expiresIn < 0 ? Number.POSITIVE_INFINITY : expiresIn,
    metadata: metadata === "" ? undefined : metadata,
    ttl: ttl === "" ? undefined : Number(ttl) / 1000,
  };
}

/** The reply is quoted as far as a person needs it: one that repeats the request would show metadata. */
export function unexpected(reply: unknown): StoreError {
  const text = String(JSON.stringify(reply));
  const quoted = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  const message = `What answers is not Redis, or a proxy changes its answers: ${quoted}`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "maybe" });
}
