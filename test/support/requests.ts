import { randomUUID } from "node:crypto";
import type { AcquireRequest, RenewRequest, StoreRequest } from "../../src/stores/lease-store.ts";

const clock = { now: () => performance.now() };

/** A request that nothing is wrong with: valid for ten seconds. */
export function request(key: string, fields: Partial<StoreRequest> = {}): StoreRequest {
  return {
    key,
    clock,
    notAfter: clock.now() + 10_000,
    signal: new AbortController().signal,
    ...fields,
  };
}

export function nonce(): string {
  return randomUUID().replaceAll("-", "");
}

export function acquireRequest(key: string, fields: Partial<AcquireRequest> = {}): AcquireRequest {
  return {
    ...request(key),
    ...{ nonce: nonce(), nodeId: "node", metadata: undefined, ttl: 1000, above: 0 },
    ...fields,
  };
}

/** The renewal of what `acquired` won. */
export function renewRequest(
  acquired: AcquireRequest,
  token: number,
  fields: Partial<RenewRequest> = {},
): RenewRequest {
  const { above: _, ...attempt } = acquired;
  return { ...attempt, token, notAfter: clock.now() + 10_000, ...fields };
}
