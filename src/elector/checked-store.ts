import { StoreError } from "../errors.ts";
import { show } from "../input.ts";
import type {
  AcquireReply,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  RenewReply,
} from "../stores/lease-store.ts";

type Fields = Readonly<Record<string, unknown>>;

/** What an elector uses of a store. */
export type CheckedStore = Omit<LeaseStore, "traits" | "checkTtl" | "keys" | "close">;

/** Says of one answer what is wrong with it. */
type Complain = (name: string, rule: string, value: unknown) => StoreError;

/**
 * The store, with every answer checked. The store may be the user's own, and one wrong number would make an elector
 * ask without a pause, or wait for ever.
 */
export function checkedStore(store: LeaseStore): CheckedStore {
  // What the store throws at once is a rejection like any other.
  const checked: CheckedStore = {
    acquire: async (request) => read(store, "acquire", await store.acquire(request), acquireReply),
    renew: async (request) => read(store, "renew", await store.renew(request), renewReply),
    release: async (request) => read(store, "release", await store.release(request), releaseReply),
    read: async (request) => read(store, "read", await store.read(request), leaseRecord),
  };
  if (store.watch === undefined) return checked;
  return {
    ...checked,
    watch: (key, onHint) => {
      const unwatch: unknown = store.watch?.(key, onHint);
      if (typeof unwatch === "function") return () => void unwatch();
      throw complaint(store, "watch")("its answer", "must be a function", unwatch);
    },
  };
}

function read<Reply>(
  store: LeaseStore,
  method: string,
  answer: unknown,
  parse: (answer: unknown, complain: Complain) => Reply,
): Reply {
  const complain = complaint(store, method);
  try {
    return parse(answer, complain);
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw complain("its answer", "must be readable", error); // A getter has thrown.
  }
}

function complaint({ traits }: LeaseStore, method: string): Complain {
  return (name, rule, value) =>
    new StoreError(
      "INCUMBENT_STORE_MISCONFIGURED",
      `The store ${show(traits?.name)} breaks its contract: of ${method}(), ${name} ${rule}; got ${show(value)}.`,
      { applied: "maybe" },
    );
}

function acquireReply(answer: unknown, complain: Complain): AcquireReply {
  const { granted, token, since, reason, leader, retryIn, applied } = fields(answer, complain);
  if (granted === true) {
    return { granted, token: tokenOf(token, complain), since: time("since", since, complain) };
  }
  if (granted !== false) throw complain("granted", "must be true or false", granted);
  if (reason !== "held" && reason !== "quarantine" && reason !== "late") {
    throw complain("reason", 'must be "held", "quarantine" or "late"', reason);
  }
  if (applied !== undefined && applied !== "no" && applied !== "maybe") {
    throw complain("applied", 'must be "no" or "maybe"', applied);
  }
  return {
    ...{ granted, reason, applied, leader: leaseRecord(leader, complain) },
    retryIn: retryIn === undefined ? undefined : time("retryIn", retryIn, complain),
  };
}

function renewReply(answer: unknown, complain: Complain): RenewReply {
  const { renewed, reason } = fields(answer, complain);
  if (renewed === true) return { renewed };
  if (renewed !== false) throw complain("renewed", "must be true or false", renewed);
  if (reason === "superseded" || reason === "late") return { renewed, reason };
  throw complain("reason", 'must be "superseded" or "late"', reason);
}

function releaseReply(answer: unknown, complain: Complain): ReleaseReply {
  const { released } = fields(answer, complain);
  if (typeof released === "boolean") return { released };
  throw complain("released", "must be true or false", released);
}

function leaseRecord(record: unknown, complain: Complain): LeaseRecord | undefined {
  if (record === undefined) return undefined;
  const { nodeId, token, since, expiresIn, metadata } = fields(record, complain);
  if (typeof nodeId !== "string") throw complain("nodeId", "must be a string", nodeId);
  if (metadata !== undefined && typeof metadata !== "string") {
    throw complain("metadata", "must be a string or undefined", metadata);
  }
  return {
    ...{ nodeId, metadata, token: tokenOf(token, complain) },
    since: time("since", since, complain),
    expiresIn: time("expiresIn", expiresIn, complain),
  };
}

function fields(answer: unknown, complain: Complain): Fields {
  if (typeof answer !== "object" || answer === null) {
    throw complain("its answer", "must be an object", answer);
  }
  return answer as Fields; // Any object has fields; each is checked.
}

function tokenOf(value: unknown, complain: Complain): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw complain("token", "must be a whole number from 0 to 2^53 - 1", value);
}

function time(name: string, value: unknown, complain: Complain): number {
  if (typeof value === "number" && value >= 0 && value <= Number.MAX_SAFE_INTEGER) return value;
  throw complain(name, "must be a number of ms, 0 or more", value);
}
