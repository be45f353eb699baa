import { StoreError } from "../../errors.ts";
import type { LeaseRecord } from "../lease-store.ts";

/** A reply of a script: its status and what follows. */
export interface ScriptReply {
  readonly status: string;
  readonly rest: readonly string[];
}

/** What a server says of itself in every guarded reply. */
export interface ServerNote {
  /** The server's identity; another one after every restart. */
  readonly run: string;
  /** The server's clock, in µs since 1970. */
  readonly micros: number;
  readonly mode: string;
  /** Its major version; 0 where it is not known. */
  readonly version: number;
}

/** A guarded reply, taken apart. */
export interface GuardedReply {
  readonly note: ServerNote;
  /** What a token must be above to be granted there. */
  readonly seen: number;
  readonly answer: ScriptReply;
}

const NOTE_LENGTH = 5;

/** Strings come as strings, or as buffers from a client that is configured so. */
export function parseReply(reply: unknown): ScriptReply {
  if (!Array.isArray(reply) || reply.length === 0) throw unexpected(reply);
  const [status, ...rest] = reply.map(String);
  if (status === undefined) throw unexpected(reply);
  return { status, rest };
}

/** The reply of SCAN: the next cursor, and keys. */
export function parseScan(reply: unknown): [cursor: string, keys: string[]] {
  if (!Array.isArray(reply) || !Array.isArray(reply[1])) throw unexpected(reply);
  return [String(reply[0]), reply[1].map(String)];
}

export function splitNote(reply: ScriptReply): GuardedReply {
  const [run, micros, mode, version, seen] = reply.rest;
  if (run === undefined || micros === undefined || mode === undefined) throw unexpected(reply);
  return {
    note: { run, micros: Number(micros), mode, version: Number(version ?? 0) },
    seen: Number(seen ?? 0),
    answer: { status: reply.status, rest: reply.rest.slice(NOTE_LENGTH) },
  };
}

/** `[token, node, since, remaining, metadata]`, times in µs; empty where there is no live lease. */
export function parseHolder(fields: readonly string[]): LeaseRecord | undefined {
  const [token, nodeId, since, remaining, metadata] = fields;
  if (token === undefined || token === "" || nodeId === undefined) return undefined;
  const expiresIn = Number(remaining) / 1000;
  return {
    nodeId,
    token: Number(token),
    since: Number(since) / 1000,
    // A Redlock string without expiry has a PTTL of -1: it stays until it is deleted.
    expiresIn: expiresIn < 0 ? Number.POSITIVE_INFINITY : expiresIn,
    metadata: metadata === "" ? undefined : metadata,
  };
}

export function unexpected(reply: unknown): StoreError {
  const text = `The Redis server answered with what no script of ours says: ${JSON.stringify(reply)}`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", text.slice(0, 300), { applied: "maybe" });
}
