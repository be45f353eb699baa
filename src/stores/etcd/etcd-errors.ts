import type { Applied } from "../../election/event.ts";
import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { redact } from "../../redact.ts";

interface Refusal {
  readonly code: StoreErrorCode;
  readonly applied: Applied;
  readonly hint?: string;
}

const refused: Refusal = { code: "INCUMBENT_STORE_REFUSED", applied: "no" };
const misconfigured: Refusal = { code: "INCUMBENT_STORE_MISCONFIGURED", applied: "no" };
const unknown: Refusal = { code: "INCUMBENT_STORE_UNAVAILABLE", applied: "maybe" };

/** What it says, and not as JSON, if there is a login and a certificate that names its owner as well. */
const commonName = /^CommonName of client/;

/** What a member says if it does not carry out a request, and what can be done. */
const refusals: readonly (readonly [text: RegExp, refusal: Refusal])[] = [
  [/invalid user ID or password/, { ...misconfigured, hint: "check user and password" }],
  [/user name is empty/, { ...misconfigured, hint: "give a user and a password" }],
  [
    /authentication is not enabled/,
    { ...misconfigured, hint: "remove user and password, or enable authentication" },
  ],
  [
    /permission denied/,
    { ...misconfigured, hint: "grant the user's role readwrite on the prefix of the elections" },
  ],
  [
    commonName,
    { ...misconfigured, hint: "with a login, the client's certificate must have no common name" },
  ],
  [/invalid auth token/, { ...refused, hint: "the login has expired" }],
  [
    /database space exceeded/,
    { ...refused, hint: "compact and defragment, then `etcdctl alarm disarm`" },
  ],
  [/too many requests/, refused],
  [/etcdserver: no leader/, { ...refused, hint: "the member has no connection to a majority" }],
  [/not capable|learner/, { ...refused, hint: "name members that are no learners" }],
  [/request is too large/, misconfigured],
  // The members may still agree on what was given up here.
  [/timed out|leader changed|server stopped|context (canceled|deadline)/, unknown],
];

/** The error that a member has answered with. */
export function errorOfAnswer(endpoint: string, status: number, text: string): StoreError {
  const said = messageOf(text);
  if (status === 404) {
    const detail =
      "has no JSON gateway: use etcd 3.4 or later, without --enable-grpc-gateway=false";
    return storeError(misconfigured, `etcd at ${endpoint} ${detail}.`, detail);
  }
  if (said === undefined) {
    const detail = `answered with HTTP status ${status}, and not as etcd does`;
    const refusal = status >= 500 ? unknown : misconfigured;
    return storeError(refusal, `The server at ${endpoint} ${detail}.`, detail);
  }
  const [, found = unknown] = refusals.find(([pattern]) => pattern.test(said)) ?? [];
  const because = found.hint === undefined ? "" : ` (${found.hint})`;
  const detail = `${said}${because}`;
  return storeError(found, `etcd at ${endpoint}: ${detail}`, detail);
}

/** Whether the token of a login has expired. */
export function isExpired(error: unknown): boolean {
  return error instanceof StoreError && /invalid auth token/.test(error.message);
}

function storeError({ code, applied }: Refusal, message: string, detail: string): StoreError {
  return new StoreError(code, redact(message), { applied, detail: redact(detail) });
}

function messageOf(text: string): string | undefined {
  if (commonName.test(text)) return text.trim();
  try {
    const { error, message } = JSON.parse(text);
    const said = message ?? error?.message ?? error;
    return typeof said === "string" ? said : undefined;
  } catch {
    return undefined;
  }
}
