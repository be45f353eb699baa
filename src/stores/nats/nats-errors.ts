import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { redact } from "../../redact.ts";

/** The error of an answer of JetStream. */
export interface JetStreamError {
  /** As in HTTP. */
  readonly code: number;
  readonly err_code?: number;
  readonly description?: string;
}

/** Numbers by which JetStream says what is wrong. */
export const numbers = {
  noMessage: 10037,
  noStream: 10059,
  /** There is a stream of this name, and not as it was to be made. */
  otherStream: [10058, 10065] as readonly (number | undefined)[],
  /** The last revision is another one than that of the request. */
  otherRevision: [10071, 10164] as readonly (number | undefined)[],
  /** Not enabled: for the account; on the server. */
  noJetStream: [10039, 10076] as readonly (number | undefined)[],
} as const;

const FORBIDDEN = "refused, the user lacks a right";

/** What JetStream answered, as an error that says whether the request may have been carried out. */
export function refusedBy(
  { code, err_code, description = "no reason given" }: JetStreamError,
  wasApplied = false,
): StoreError {
  const isSetUp = !numbers.noJetStream.includes(err_code);
  const detail = `refused: ${redact(description)} (${err_code ?? code})`;
  return new StoreError(
    isSetUp ? "INCUMBENT_STORE_REFUSED" : "INCUMBENT_STORE_MISCONFIGURED",
    `NATS ${detail}.`,
    // A server that cannot write may have begun to.
    { applied: wasApplied || (code >= 500 && isSetUp) ? "maybe" : "no", detail },
  );
}

/** Refused by a server whose settings or rights do not allow it. */
export function misconfigured(detail: string, cause?: Error): StoreError {
  return failed("INCUMBENT_STORE_MISCONFIGURED", `NATS ${detail}.`, {
    applied: "no",
    detail,
    cause,
  });
}

/** The error of an attempt to connect, after which nothing was sent. */
export function unreachable(error: unknown): StoreError {
  const cause = causeOf(error);
  const isDenied = /Authorization|UserAuthentication/i.test(`${cause.name} ${cause.message}`);
  if (isDenied) return misconfigured(`refused the user or the token: ${cause.message}`, cause);
  const detail = cause.message;
  const message = `Cannot reach NATS: ${detail}.`;
  return failed("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "no", detail, cause });
}

/** The error of a request that was sent, or was about to be. */
export function interrupted(error: unknown): StoreError {
  const cause = causeOf(error);
  if (isDenied(error)) return misconfigured(`${FORBIDDEN}: ${cause.message}`, cause);
  const detail = cause.message;
  const message = `The connection to NATS failed: ${detail}.`;
  return failed("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "maybe", detail, cause });
}

/** What was asked for is not there any more, so nothing was carried out. */
export function lost(detail: string): StoreError {
  const options = { applied: "no", detail, cause: undefined } as const;
  return failed("INCUMBENT_STORE_UNAVAILABLE", `NATS has lost its data: ${detail}.`, options);
}

/** Whether nothing listened on the subject: then there is no such bucket, or no JetStream. */
export function isUnheard(error: unknown): boolean {
  return named(error, "NoResponders");
}

/** Whether an error of this package says that the user lacks the right to ask that. */
export function isForbidden(error: unknown): boolean {
  return error instanceof StoreError && error.detail.startsWith(FORBIDDEN);
}

function isDenied(error: unknown): boolean {
  return named(error, "PermissionViolation");
}

/** The client wraps what it throws. */
function named(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  return error.name.startsWith(name) || named(error.cause, name);
}

function failed(
  code: StoreErrorCode,
  message: string,
  { cause, ...options }: { applied: "no" | "maybe"; detail: string; cause: Error | undefined },
): StoreError {
  return new StoreError(code, message, { ...options, ...(cause && { cause }) });
}

/** Without what the client attaches to it. */
function causeOf(error: unknown): Error {
  const text = error instanceof Error ? error.message || error.name : String(error);
  const cause = new Error(redact(text));
  if (error instanceof Error) cause.name = error.name;
  return cause;
}
