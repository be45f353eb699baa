import type { Applied } from "../../election/event.ts";
import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { withoutPassword } from "../../input.ts";

/** What the first word of an error reply means. A server that refuses has applied nothing. */
const refusals: Readonly<
  Record<string, { readonly code: StoreErrorCode; readonly hint?: string }>
> = {
  NOSCRIPT: { code: "INCUMBENT_STORE_REFUSED" },
  READONLY: { code: "INCUMBENT_STORE_REFUSED", hint: "connected to a replica" },
  LOADING: { code: "INCUMBENT_STORE_REFUSED", hint: "the server is reading its data" },
  MASTERDOWN: { code: "INCUMBENT_STORE_REFUSED", hint: "connected to a replica without a primary" },
  CLUSTERDOWN: { code: "INCUMBENT_STORE_REFUSED" },
  MOVED: { code: "INCUMBENT_STORE_REFUSED", hint: "the server is part of a cluster" },
  ASK: { code: "INCUMBENT_STORE_REFUSED", hint: "the server is part of a cluster" },
  TRYAGAIN: { code: "INCUMBENT_STORE_REFUSED" },
  BUSY: { code: "INCUMBENT_STORE_REFUSED", hint: "a script has been running for too long" },
  OOM: { code: "INCUMBENT_STORE_REFUSED", hint: "the server is at maxmemory" },
  NOREPLICAS: { code: "INCUMBENT_STORE_REFUSED", hint: "min-replicas-to-write is not met" },
  MISCONF: { code: "INCUMBENT_STORE_REFUSED", hint: "the server cannot write its snapshots" },
  NOPERM: { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "the ACL user lacks a right" },
  NOAUTH: { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "a password is needed" },
  WRONGPASS: { code: "INCUMBENT_STORE_MISCONFIGURED" },
  CROSSSLOT: { code: "INCUMBENT_STORE_MISCONFIGURED" },
  WRONGTYPE: { code: "INCUMBENT_KEY_OCCUPIED", hint: "the key holds something else" },
};

/** Errors of the clients that say: this was not sent. */
const unsent =
  /^(Stream isn't writeable|The client is closed|The client is offline|Client is closed)|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH/;

/** The error of a command, as one that says whether the command may have been carried out. */
export function storeErrorOf(error: unknown): StoreError {
  const text = withoutPassword(error instanceof Error ? error.message : String(error));
  const refusal = refusals[text.split(/[\s:]/, 1)[0] ?? ""] ?? unknownRefusal(text);
  if (refusal !== undefined) {
    const { code, hint } = refusal;
    const because = hint === undefined ? "" : ` (${hint})`;
    return new StoreError(code, `Redis refused${because}: ${text}`, {
      cause: error,
      applied: "no",
    });
  }
  const applied: Applied = unsent.test(text) ? "no" : "maybe";
  const message = `Redis is out of reach: ${text}`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { cause: error, applied });
}

/** Replies that begin with a plain ERR, told apart by their text. */
function unknownRefusal(
  text: string,
): { readonly code: StoreErrorCode; readonly hint?: string } | undefined {
  if (/^ERR (unknown command|The user executing the script can't)/i.test(text)) {
    return { code: "INCUMBENT_STORE_MISCONFIGURED", hint: "a command is missing or forbidden" };
  }
  return undefined;
}

/** Whether the server did not know the script: then nothing was done. */
export function isNoScript(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    error.cause instanceof Error &&
    error.cause.message.startsWith("NOSCRIPT")
  );
}
