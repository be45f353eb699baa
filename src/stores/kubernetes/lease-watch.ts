import { StoreError } from "../../errors.ts";
import type { WatchAttempt } from "../registers/persistent-watch.ts";
import type { KubernetesRequests } from "./kubernetes-requests.ts";
import type { LeaseCell, LeaseObject } from "./lease-object.ts";

/** How long it may take to begin, in ms. */
const BEGINS_WITHIN = 5000;
/** How long a watch that gets bookmarks may be silent, in ms: the API server sends one each minute. */
const LONGEST_SILENCE = 180_000;

/** Reports a Lease and its changes for as long as the connection lives. */
export async function followLease(
  requests: KubernetesRequests,
  name: string,
  cellOf: (lease: LeaseObject | undefined) => LeaseCell,
  attempt: WatchAttempt<LeaseCell>,
): Promise<void> {
  attempt.expectSign(BEGINS_WITHIN);
  const { metadata, items = [] } = await requests.list(name, attempt);
  const since = metadata?.resourceVersion ?? "0";
  const events = await requests.watch(name, since, attempt);
  attempt.expectSign();
  attempt.report(cellOf(items[0]));
  for await (const { type, object } of events) {
    // Gone: changes since that version are forgotten. Another list begins anew.
    if (type === "ERROR") break;
    attempt.expectSign(type === "BOOKMARK" ? LONGEST_SILENCE : undefined);
    if (type !== "BOOKMARK") attempt.report(cellOf(type === "DELETED" ? undefined : object));
  }
  throw interrupted(name);
}

function interrupted(name: string): StoreError {
  const message = `The watch of the Lease "${name}" was ended by the API server.`;
  return new StoreError("INCUMBENT_STORE_UNAVAILABLE", message, { applied: "no" });
}
