import { StoreError } from "../../errors.ts";
import { checkRecord, fieldsOf } from "../observed/record-text.ts";
import type { ObservedRecord } from "../observed/register.ts";
import type { LeaseObject, LeaseSpec } from "./lease-object.ts";
import { leaseTime, readLeaseTime, renewTimeAfter } from "./lease-time.ts";

const PREFIX = "incumbent.dev/";
const LARGEST_INT32 = 2 ** 31 - 1;
const texts = new Set(["nonce", "nodeId", "metadata"]);

/** The largest numbers of an election that are known. */
export interface KnownNumbers {
  readonly token: number;
  readonly seq: number;
}

/** What Incumbent keeps in a Lease beside the fields that everyone knows, which client-go leaves alone. */
function annotationsOf(record: ObservedRecord): Record<string, string> {
  const fields = Object.entries(fieldsOf(record));
  return Object.fromEntries(fields.map(([name, value]) => [PREFIX + name, String(value)]));
}

/** Whether Incumbent ever wrote this Lease: then it is an election, and not only a candidate of client-go. */
export function isElection({ metadata }: LeaseObject): boolean {
  return metadata.annotations?.[`${PREFIX}format`] !== undefined;
}

/** The Lease that holds the record in place of `before`. */
export function leaseWith(
  record: ObservedRecord,
  before: LeaseObject | undefined,
  name: { readonly name: string; readonly namespace: string },
): LeaseObject {
  const { metadata = {}, spec } = before ?? {};
  const kept = Object.entries(metadata.annotations ?? {}).filter(
    ([each]) => !each.startsWith(PREFIX),
  );
  return {
    ...{ apiVersion: "coordination.k8s.io/v1", kind: "Lease" },
    ...before,
    metadata: {
      ...name,
      ...metadata,
      annotations: { ...Object.fromEntries(kept), ...annotationsOf(record) },
    },
    spec: { ...spec, ...specOf(record, spec ?? undefined) },
  };
}

/** The fields as client-go writes them, also of a lease that was released. */
function specOf(record: ObservedRecord, before: LeaseSpec | undefined): LeaseSpec {
  const { at, ttl, since } = record;
  const holderIdentity = holderOf(record);
  const isReleased = holderIdentity === "";
  const isNew = before !== undefined && !isReleased && before.holderIdentity !== holderIdentity;
  const transitions = (before?.leaseTransitions ?? 0) + (isNew ? 1 : 0);
  return {
    holderIdentity,
    leaseDurationSeconds: isReleased ? 1 : Math.min(Math.ceil(ttl / 1000), LARGEST_INT32),
    acquireTime: leaseTime(isReleased ? at : since),
    renewTime: renewTimeAfter(before?.renewTime, at),
    leaseTransitions: Math.min(transitions, LARGEST_INT32),
  };
}

/**
 * Of an attempt, and not of a node: a candidate of client-go that had the same identity would take the lease for its
 * own.
 */
function holderOf({ nonce, nodeId }: ObservedRecord): string {
  return nonce === "" ? "" : `${nodeId}_${nonce}`;
}

/**
 * The record of a Lease. If its holder is not of Incumbent, `known` are the numbers of the last term that was, and
 * its lease is believed for at most `longestForeignTtl`.
 */
export function recordOf(
  lease: LeaseObject,
  known: KnownNumbers,
  longestForeignTtl: number,
): ObservedRecord {
  const { metadata, spec } = lease;
  const where = `The Lease "${String(metadata["name"])}"`;
  if (spec?.strategy !== undefined && spec.strategy !== null) {
    const message = `${where} has spec.strategy "${spec.strategy}": the control plane decides who holds it. Use another name for the election.`;
    throw new StoreError("INCUMBENT_KEY_OCCUPIED", message, { applied: "no" });
  }
  const holder = spec?.holderIdentity ?? "";
  const ours = isElection(lease) ? checkRecord(fieldsIn(lease), where) : undefined;
  if (ours !== undefined && holderOf(ours) === holder) return ours;
  if (holder === "") return released(ours, spec ?? {});
  const ttl = Math.min(
    (spec?.leaseDurationSeconds ?? Number.POSITIVE_INFINITY) * 1000,
    longestForeignTtl,
  );
  return {
    // A space: no nonce of an attempt has one.
    nonce: `foreign ${holder}`,
    // Never less than what a leader of ours has, or it would take the lease back as one that was forgotten.
    token: Math.max(ours?.token ?? 0, known.token),
    seq: Math.max(ours?.seq ?? 0, known.seq),
    ...{ nodeId: holder, metadata: undefined, ttl: Math.max(ttl, 0) },
    ...{ since: readLeaseTime(spec?.acquireTime), at: readLeaseTime(spec?.renewTime) },
  };
}

/** Given back by a candidate of client-go, or never held. */
function released(ours: ObservedRecord | undefined, { renewTime }: LeaseSpec): ObservedRecord {
  const at = readLeaseTime(renewTime);
  const never = { nodeId: "", metadata: undefined, since: at, ttl: 0, token: 0, seq: 0 };
  return { ...never, ...ours, nonce: "", at };
}

function fieldsIn({ metadata }: LeaseObject): Record<string, unknown> {
  const own = Object.entries(metadata.annotations ?? {}).filter(([name]) =>
    name.startsWith(PREFIX),
  );
  return Object.fromEntries(
    own.map(([name, value]) => {
      const field = name.slice(PREFIX.length);
      return [field, texts.has(field) ? value : numberOf(value)];
    }),
  );
}

function numberOf(text: string): number {
  return /^\d{1,16}(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
}
