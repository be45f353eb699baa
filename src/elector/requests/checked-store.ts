import { StoreError } from "../../errors.ts";
import { show } from "../../input.ts";
import type {
  AcquireReply,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  RenewReply,
} from "../../stores/lease-store.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What is wrong with an answer. */
class Complaint {
  readonly name: string;
  readonly rule: string;
  readonly value: unknown;

  constructor(name: string, rule: string, value: unknown) {
    this.name = name;
    this.rule = rule;
    this.value = value;
  }
}

// The store may be the user's own, and one wrong number would make an elector ask without a pause, or wait for
// ever. So every answer is checked. Each function returns the answer, or throws a `StoreError`.

export const checkedAcquire = checked("acquire", acquireReply);
export const checkedRenew = checked("renew", renewReply);
export const checkedRelease = checked("release", releaseReply);
export const checkedRead = checked("read", leaseRecord);

/** Watches if the store can. Returns how to end it. */
export function checkedWatch(
  store: LeaseStore,
  key: string,
  onHint: (hint: Hint) => void,
): () => void {
  if (store.watch === undefined) return () => {};
  const unwatch: unknown = store.watch(key, onHint);
  if (typeof unwatch === "function") return () => void unwatch();
  throw errorOf(store, "watch", new Complaint("its answer", "must be a function", unwatch));
}

function checked<Reply>(method: string, parse: (answer: unknown) => Reply) {
  return (store: LeaseStore, answer: unknown): Reply => {
    try {
      return parse(answer);
    } catch (error) {
      throw errorOf(
        store,
        method,
        error instanceof Complaint ? error : new Complaint("its answer", "must be readable", error), // A getter has thrown.
      );
    }
  };
}

function errorOf({ traits }: LeaseStore, method: string, { name, rule, value }: Complaint) {
  return new StoreError(
    "INCUMBENT_STORE_MISCONFIGURED",
    `The store ${show(traits?.name)} breaks its contract: of ${method}(), ${name} ${rule}; got ${show(value)}.`,
    { applied: "maybe" },
  );
}

function acquireReply(answer: unknown): AcquireReply {
  const { granted, token, since, reason, leader, retryIn, applied } = fields(answer);
  if (granted === true) {
    return { granted, token: tokenOf(token), since: time("since", since) };
  }
  if (granted !== false) throw new Complaint("granted", "must be true or false", granted);
  if (reason !== "held" && reason !== "quarantine" && reason !== "late") {
    throw new Complaint("reason", 'must be "held", "quarantine" or "late"', reason);
  }
  if (applied !== undefined && applied !== "no" && applied !== "maybe") {
    throw new Complaint("applied", 'must be "no" or "maybe"', applied);
  }
  return {
    ...{ granted, reason, applied, leader: leaseRecord(leader) },
    retryIn: retryIn === undefined ? undefined : time("retryIn", retryIn),
  };
}

function renewReply(answer: unknown): RenewReply {
  const { renewed, reason } = fields(answer);
  if (renewed === true) return { renewed };
  if (renewed !== false) throw new Complaint("renewed", "must be true or false", renewed);
  if (reason === "superseded" || reason === "late") return { renewed, reason };
  throw new Complaint("reason", 'must be "superseded" or "late"', reason);
}

function releaseReply(answer: unknown): ReleaseReply {
  const { released } = fields(answer);
  if (typeof released === "boolean") return { released };
  throw new Complaint("released", "must be true or false", released);
}

function leaseRecord(record: unknown): LeaseRecord | undefined {
  if (record === undefined) return undefined;
  const { nodeId, token, since, expiresIn, metadata, ttl } = fields(record);
  if (typeof nodeId !== "string") throw new Complaint("nodeId", "must be a string", nodeId);
  if (metadata !== undefined && typeof metadata !== "string") {
    throw new Complaint("metadata", "must be a string or undefined", metadata);
  }
  return {
    ...{ nodeId, metadata, token: tokenOf(token) },
    since: time("since", since),
    // A lock of another library that has no expiry lasts for ever.
    expiresIn: expiresIn === Number.POSITIVE_INFINITY ? expiresIn : time("expiresIn", expiresIn),
    ttl: ttl === undefined ? undefined : time("ttl", ttl),
  };
}

function fields(answer: unknown): Fields {
  if (typeof answer !== "object" || answer === null) {
    throw new Complaint("its answer", "must be an object", answer);
  }
  return answer as Fields; // Any object has fields; each is checked.
}

function tokenOf(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Complaint("token", "must be a whole number from 0 to 2^53 - 1", value);
}

function time(name: string, value: unknown): number {
  if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw new Complaint(name, "must be a number of ms, 0 or more", value);
}
