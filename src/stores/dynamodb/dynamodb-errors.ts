import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { redact } from "../../redact.ts";

/** Refused for now: too many requests. Nothing was done. */
const throttled =
  /^(ProvisionedThroughputExceeded|RequestLimitExceeded|Throttling|ThrottledException|TransactionConflict|LimitExceeded)/;

/** Refused until something is changed: rights, credentials, the table. Nothing was done. */
const wrong =
  /^(AccessDenied|UnrecognizedClient|InvalidSignature|IncompleteSignature|MissingAuthenticationToken|ExpiredToken|InvalidClientTokenId|Validation|Credentials|ResourceNotFound|NotAuthorized|OptInRequired|InvalidAccessKeyId|SerializationException)|Region is missing|Could not load credentials/;

/** What Node.js says if there was no connection, so that nothing was sent. */
const unconnected = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

/** What the client threw, as an error that says whether the request may have been carried out. */
export function storeErrorOf(
  error: unknown,
  { signal }: { readonly signal: AbortSignal },
): StoreError {
  const cause = causeOf(error);
  const text = `${cause.name}: ${cause.message}`;
  if (signal.aborted) {
    return failed("INCUMBENT_STORE_TIMEOUT", "DynamoDB did not answer in time", "maybe", cause);
  }
  if (throttled.test(cause.name))
    return failed("INCUMBENT_STORE_REFUSED", `DynamoDB refused: ${text}`, "no", cause);
  if (wrong.test(cause.name) || wrong.test(cause.message)) {
    return failed("INCUMBENT_STORE_MISCONFIGURED", `DynamoDB refused: ${text}`, "no", cause);
  }
  if (statusOf(error) >= 500)
    return failed("INCUMBENT_STORE_REFUSED", `DynamoDB failed: ${text}`, "maybe", cause);
  const codes = codesOf(error);
  const isUnsent = codes.length > 0 && codes.every((code) => unconnected.test(code));
  const detail = codes.includes("ECONNREFUSED") ? "connection refused" : cause.message;
  const message = `Cannot reach DynamoDB: ${detail}`;
  return failed("INCUMBENT_STORE_UNAVAILABLE", message, isUnsent ? "no" : "maybe", cause, detail);
}

/** A table that cannot hold leases. */
export function unfit(table: string, rule: string): StoreError {
  const message = `The table "${table}" ${rule}`;
  return failed("INCUMBENT_STORE_MISCONFIGURED", message, "no");
}

/** Whether the record was another one. */
export function isConflict(error: unknown): error is Error {
  return error instanceof Error && error.name === "ConditionalCheckFailedException";
}

/** Whether this user may not ask that. */
export function isDenied(error: unknown): boolean {
  return error instanceof Error && error.name.startsWith("AccessDenied");
}

function failed(
  code: StoreErrorCode,
  text: string,
  applied: "no" | "maybe",
  cause?: Error,
  detail = text,
): StoreError {
  const message = `${text.replace(/\.$/, "")}.`;
  return new StoreError(code, message, { applied, detail, ...(cause && { cause }) });
}

function statusOf(error: unknown): number {
  const { $metadata = {} } = error as { $metadata?: { httpStatusCode?: number } }; // As the SDK attaches it.
  return $metadata.httpStatusCode ?? 0;
}

/** For a host with several addresses, Node.js says what happened at each. */
function codesOf(error: unknown): string[] {
  const each = error instanceof AggregateError ? error.errors : [error];
  return each.map((one) => (one instanceof Error && "code" in one ? String(one.code) : ""));
}

/** Without what the SDK attaches to it, such as the request. */
function causeOf(error: unknown): Error {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const cause = new Error(redact(text));
  if (error instanceof Error) cause.name = error.name;
  return cause;
}
