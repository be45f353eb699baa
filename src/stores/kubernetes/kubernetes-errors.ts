import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { redact } from "../../redact.ts";
import type { HttpReply } from "../http/http-client.ts";

/** What was asked of which Lease, for errors. */
export interface Asked {
  readonly verb: "get" | "create" | "update" | "list" | "watch";
  readonly namespace: string;
  readonly name?: string | undefined;
}

interface Meaning {
  readonly code: StoreErrorCode;
  /** What to do about it. */
  readonly remedy?: string | undefined;
}

/** The error that a reply stands for. A request that the API server refuses has changed nothing. */
export function refusalOf({ status, text }: HttpReply, asked: Asked): StoreError {
  const said = redact(messageOf(text) || `HTTP status ${status}`);
  const { code, remedy } = meaningOf(status, said, asked);
  const detail = `refused to ${asked.verb} (${status}): ${said}`;
  const advice = remedy === undefined ? "" : ` ${remedy}`;
  return new StoreError(code, `Kubernetes ${ended(detail)}${advice}`, {
    // It may have failed after the write.
    applied: status >= 500 && asked.verb !== "get" ? "maybe" : "no",
    detail: remedy === undefined ? detail : `${ended(detail)}${advice}`.replace(/\.$/, ""),
  });
}

function meaningOf(status: number, said: string, asked: Asked): Meaning {
  if (status === 401) {
    const remedy = "Check the token or the client certificate.";
    return { code: "INCUMBENT_STORE_MISCONFIGURED", remedy };
  }
  if (status === 403) {
    // Nothing helps but another namespace.
    if (/being terminated/.test(said)) return { code: "INCUMBENT_STORE_REFUSED" };
    return { code: "INCUMBENT_STORE_MISCONFIGURED", remedy: rightsFor(asked) };
  }
  if (status === 404) {
    const remedy = /namespaces? /.test(said)
      ? `Create the namespace "${asked.namespace}", or name another in the URL: kubernetes:NAMESPACE.`
      : "Check that the address is that of a Kubernetes API server, version 1.14 or later.";
    return { code: "INCUMBENT_STORE_MISCONFIGURED", remedy };
  }
  if (status === 429) {
    const remedy = "The API server throttles this user: use a longer ttl, or fewer elections.";
    return { code: "INCUMBENT_STORE_REFUSED", remedy };
  }
  // What stands behind it is out of reach, and may come back as another.
  if (status >= 500) return { code: "INCUMBENT_STORE_UNAVAILABLE" };
  return { code: "INCUMBENT_STORE_MISCONFIGURED" };
}

/** The Role that lets a user take part, as it is written in a file for `kubectl apply`, on one line. */
function rightsFor({ namespace }: Asked): string {
  return `Grant these rights in the namespace "${namespace}", with a Role and a RoleBinding: rules: [${rightsIn}]`;
}

/** The rule of that Role. */
export const rightsIn = `{apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update", "list", "watch"]}`;

/** What the API server says in an object of the kind Status, or a proxy before it in a text. */
function messageOf(text: string): string {
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === "object" && status !== null && "message" in status) {
      return String(status.message);
    }
  } catch {
    // Not from the API server.
  }
  return text.replace(/\s+/g, " ").trim().slice(0, 200);
}

function ended(sentence: string): string {
  return sentence.endsWith(".") ? sentence : `${sentence}.`;
}
