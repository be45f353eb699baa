import { StoreError, type StoreErrorCode } from "../../errors.ts";
import { redact } from "../../redact.ts";

const RIGHTS = /permission denied|ACL not found|token with AccessorID/i;

/** What Consul answered in place of what was asked for. */
export function refusedWith(status: number, text: string): StoreError {
  const said = redact(text.trim().slice(0, 200)) || `status ${status}`;
  // Without a leader Consul does not know either what becomes of a write.
  if (status >= 500 && !RIGHTS.test(text)) {
    return failure("INCUMBENT_STORE_REFUSED", `refused: ${said}`, "maybe");
  }
  const isRight = status === 401 || status === 403 || RIGHTS.test(text);
  if (isRight) {
    return failure(
      "INCUMBENT_STORE_MISCONFIGURED",
      `refused, the token lacks a right: ${said}`,
      "no",
    );
  }
  return failure("INCUMBENT_STORE_REFUSED", `refused: ${said}`, "no");
}

/** The answer is none of Consul's. */
export function strange(): StoreError {
  const detail = "has answered something that Consul does not say; check host and port";
  return failure("INCUMBENT_STORE_MISCONFIGURED", detail, "maybe");
}

function failure(code: StoreErrorCode, detail: string, applied: "no" | "maybe"): StoreError {
  return new StoreError(code, `Consul ${detail}.`, { applied, detail });
}
