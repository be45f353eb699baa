import { StoreError } from "../../errors.ts";
import { redact } from "../../redact.ts";

/** What Node.js says if there was no connection, so that nothing was sent. */
const unconnected = new Set([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "EADDRNOTAVAIL"],
]);

/** What OpenSSL says of a server that cannot be trusted, or that does not speak TLS. Nothing was sent. */
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL/;

/** The error of a request that was not answered. */
export function connectionErrorOf(error: unknown, server: string, signal: AbortSignal): StoreError {
  const detail = textOf(error);
  const cause = new Error(detail);
  if (signal.aborted) {
    const message = `${server} has not answered in time.`;
    return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { cause, applied: "maybe" });
  }
  const codes = codesOf(error);
  if (codes.some((code) => untrusted.test(code))) {
    const message = `The TLS connection to ${server} cannot be trusted: ${detail}. Check the certificate authority and the host name.`;
    return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { cause, applied: "no" });
  }
  const isUnsent = codes.length > 0 && codes.every((code) => unconnected.has(code));
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", `Cannot reach ${server}: ${detail}`, {
    ...{ cause, applied: isUnsent ? "no" : "maybe" },
    detail: codes.includes("ECONNREFUSED") ? "connection refused" : detail,
  });
}

/** The error of a request that was given up before it was sent. */
export function unsent(server: string): StoreError {
  const message = `A request to ${server} was given up before it was sent.`;
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" });
}

/** For a host with several addresses, Node.js says what happened at each. */
function eachOf(error: unknown): unknown[] {
  return error instanceof AggregateError ? error.errors : [error];
}

function codesOf(error: unknown): string[] {
  return eachOf(error).map((each) =>
    each instanceof Error && "code" in each ? String(each.code) : "",
  );
}

function textOf(error: unknown): string {
  const texts = eachOf(error).map((each) => (each instanceof Error ? each.message : String(each)));
  return redact(texts.join("; "));
}
