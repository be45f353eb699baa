import { StoreError } from "../../errors.ts";
import { redact } from "../../redact.ts";

/** What OpenSSL says of a server that cannot be trusted, or that does not speak TLS. */
const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_SSL|ERR_TLS|EPROTO|ERR_OSSL/;

/** Whether the request was still waited for, and whether it may have been carried out. */
interface Unanswered {
  readonly signal: AbortSignal;
  readonly applied: "no" | "maybe";
  /** Whether it was the first request on a connection without TLS. */
  readonly isFirstInPlain?: boolean;
}

/** The error of a request that was not answered. */
export function connectionErrorOf(
  error: unknown,
  server: string,
  { signal, applied, isFirstInPlain = false }: Unanswered,
): StoreError {
  const codes = codesOf(error);
  const mayWantTls = isFirstInPlain && codes.includes("ECONNRESET");
  const hint = mayWantTls ? " (if the server expects TLS at this port, connect with TLS)" : "";
  const detail = textOf(error) + hint;
  const cause = new Error(detail);
  if (signal.aborted) {
    const message = `${server} has not answered in time.`;
    return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { cause, applied });
  }
  if (codes.some((code) => untrusted.test(code))) {
    const message = `The TLS connection to ${server} cannot be trusted: ${detail}. Check the certificates and the host name, and whether the server uses TLS.`;
    return new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { cause, applied });
  }
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", `Cannot reach ${server}: ${detail}`, {
    ...{ cause, applied },
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
