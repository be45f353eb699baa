import type { Applied } from "../../../election/event.ts";
import { StoreError, type StoreErrorCode } from "../../../errors.ts";
import { redact } from "../../../redact.ts";
import type { ServerKind } from "../../connections/driver.ts";

/** Redis, as the connections to it are concerned. */
export const redisKind: ServerKind = {
  name: "Redis",
  errorOf: storeErrorOf,
  isElsewhere: isFromReplica,
};

interface Refusal {
  readonly code: StoreErrorCode;
  readonly hint?: string;
}

/** What the first word of an error reply means. A server that refuses has applied nothing. */
const refusals: ReadonlyMap<string, Refusal> = new Map<string, Refusal>([
  ["NOSCRIPT", { code: "INCUMBENT_STORE_REFUSED" }],
  ["READONLY", { code: "INCUMBENT_STORE_REFUSED", hint: "connected to a replica" }],
  ["LOADING", { code: "INCUMBENT_STORE_REFUSED", hint: "the server is reading its data" }],
  [
    "MASTERDOWN",
    { code: "INCUMBENT_STORE_REFUSED", hint: "connected to a replica without a primary" },
  ],
  ["CLUSTERDOWN", { code: "INCUMBENT_STORE_REFUSED" }],
  ["MOVED", { code: "INCUMBENT_STORE_REFUSED", hint: "the server is part of a cluster" }],
  ["ASK", { code: "INCUMBENT_STORE_REFUSED", hint: "the server is part of a cluster" }],
  ["TRYAGAIN", { code: "INCUMBENT_STORE_REFUSED" }],
  ["BUSY", { code: "INCUMBENT_STORE_REFUSED", hint: "a script has been running for too long" }],
  ["OOM", { code: "INCUMBENT_STORE_REFUSED", hint: "the server is at maxmemory" }],
  ["NOREPLICAS", { code: "INCUMBENT_STORE_REFUSED", hint: "min-replicas-to-write is not met" }],
  ["MISCONF", { code: "INCUMBENT_STORE_REFUSED", hint: "the server cannot write its snapshots" }],
  ["NOPERM", { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "the ACL user lacks a right" }],
  ["NOAUTH", { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "a password is needed" }],
  ["WRONGPASS", { code: "INCUMBENT_STORE_MISCONFIGURED" }],
  ["CROSSSLOT", { code: "INCUMBENT_STORE_MISCONFIGURED" }],
  ["DENIED", { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "the server is in protected mode" }],
  ["WRONGTYPE", { code: "INCUMBENT_KEY_OCCUPIED", hint: "the key holds something else" }],
]);

/** Replies that begin with a plain ERR, distinguished by their text. */
const plainRefusals: readonly (readonly [text: RegExp, refusal: Refusal])[] = [
  [
    // Redis since 7.2 and Valkey say the last of a command, a key and a channel.
    /^ERR (unknown (redis )?command|the user executing the script can't|ACL failure in script)/i,
    {
      code: "INCUMBENT_STORE_MISCONFIGURED",
      hint: "a command is missing, or the user may not run it on this key or channel; `incumbent doctor` shows which",
    },
  ],
  [
    /^ERR (AUTH |Client sent AUTH|invalid password|wrong number of arguments for 'auth')/i,
    { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "check user and password" },
  ],
  [
    /^ERR (DB index|invalid DB index|SELECT is not allowed)/i,
    { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "the server has no such database" },
  ],
  [
    /^ERR No such master with that name/i,
    { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "Sentinel knows no primary of this name" },
  ],
  [/^ERR max number of clients/i, { code: "INCUMBENT_STORE_REFUSED" }],
  [
    /^ERR This instance has cluster support disabled/i,
    {
      code: "INCUMBENT_STORE_MISCONFIGURED",
      hint: "it is one server: begin its address with redis:// in place of redis+cluster",
    },
  ],
];

/** Errors of the clients that say: this was not sent. */
const unsent =
  /^(Stream isn't writeable|The client is (closed|offline)|The command was aborted|The queue is full|TimeoutError$|Connection timeout|connect |getaddrinfo )|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;

/** Errors of the clients about bytes that no Redis server sends. */
const foreign = /Unknown RESP type|as reply type byte/;

/** The error of a command, as one that says whether the command may have been carried out. */
export function storeErrorOf(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const text = textOf(error);
  const cause = causeOf(error, text);
  const refusal = refusalOf(text);
  if (refusal !== undefined) {
    const { code, hint } = refusal;
    const because = hint === undefined ? "" : ` (${hint})`;
    const detail = `refused${because}: ${text}`;
    return new StoreError(code, `Redis ${detail}`, { cause, applied: "no", detail });
  }
  const applied: Applied = unsent.test(text) ? "no" : "maybe";
  if (foreign.test(text)) {
    const detail = `what answers is not Redis (${text.replace(/\.? *Please report this\.?/, "")})`;
    const message = `Cannot reach Redis: ${detail}`;
    return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { cause, applied, detail });
  }
  const message = `Cannot reach Redis: ${text}`;
  const detail = /\bECONNREFUSED\b/.test(text) ? "connection refused" : text;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { cause, applied, detail });
}

/** Whether the server did not know the script: then nothing was done. */
export function isNoScript(error: unknown): boolean {
  return isRefusal(error, "NOSCRIPT");
}

/** Whether only some of the keys are at this node, because their slot is being moved. */
export function isTryAgain(error: unknown): boolean {
  return isRefusal(error, "TRYAGAIN");
}

/** Whether the keys of a script belong to several servers, in the words of Redis or of a proxy. */
export function isAcrossSlots(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    error.cause instanceof Error &&
    /CROSSSLOT|same (hash ?)?slot/i.test(error.cause.message)
  );
}

/** Whether a key of a command was denied to the user by an ACL. */
export function isKeyDenied(error: unknown): boolean {
  return isRefusal(error, "NOPERM") && error instanceof Error && /\bkeys?\b/.test(error.message);
}

/** Whether the server is, or has become, a replica. */
function isFromReplica(error: unknown): boolean {
  return isRefusal(error, "READONLY") || isRefusal(error, "MASTERDOWN");
}

function isRefusal(error: unknown, word: string): boolean {
  return (
    error instanceof StoreError &&
    error.cause instanceof Error &&
    wordsOf(error.cause.message).startsWith(word)
  );
}

function refusalOf(text: string): Refusal | undefined {
  const words = wordsOf(text);
  const [first = ""] = words.split(/[\s:]/, 1);
  return refusals.get(first) ?? plainRefusals.find(([pattern]) => pattern.test(words))?.[1];
}

/** Redis 6 puts the error that was raised in a script behind the place. */
function wordsOf(reply: string): string {
  return reply.replace(/^(ERR Error running script .*?: )?(@user_script: ?\d+: )+-?/, "");
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return redact(String(error));
  // For a host with several addresses, Node.js says what happened at each beside an empty message.
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(textOf).join("; ");
  }
  // A server repeats the arguments of a command that it does not know: AUTH, where it was renamed.
  const text = error.message.replace(/, with args beginning with:.*/s, "");
  return redact(text || error.constructor.name);
}

/**
 * What the client threw, without what it attaches: ioredis adds the command with its arguments, among
 * them the password of AUTH and the nonce of a lease.
 */
function causeOf(error: unknown, text: string): Error {
  const cause = new Error(text);
  if (error instanceof Error) cause.name = error.name;
  return cause;
}
