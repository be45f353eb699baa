import {
  acquire,
  type Decision,
  late,
  type Moment,
  release,
  renew,
  type StoredLease,
} from "./lease-rules.ts";
import type {
  AcquireReply,
  AcquireRequest,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "./lease-store.ts";

/**
 * Decides on the lease as it stands at one moment. Reads no clock but that of the request, so that a
 * transaction may call it again when another process was faster.
 */
export type Decide<Reply> = (lease: StoredLease | undefined, moment: Moment) => Decision<Reply>;

/**
 * A store that keeps leases by the rules of this package: a subclass says only how a lease is read and
 * written in one transaction, and how it is read alone.
 *
 * @example
 * class DocumentStore extends RuledStore {
 *   readonly traits = { name: "documents", exclusion: "strict", tokens: "memory" } as const;
 *
 *   async transaction<Reply>({ key }: StoreRequest, decide: Decide<Reply>): Promise<Reply> {
 *     for (;;) {
 *       const { lease, version, now } = await documents.get(key);
 *       const { reply, write } = decide(lease, { now, wall: now });
 *       if (write === undefined || (await documents.put(key, write, version))) return reply;
 *     }
 *   }
 *
 *   async read({ key }: StoreRequest) {
 *     const { lease, now } = await documents.get(key);
 *     return readLease(lease, now);
 *   }
 *
 *   async close() {}
 * }
 */
export abstract class RuledStore implements LeaseStore {
  abstract readonly traits: StoreTraits;

  /**
   * Reads the lease of `request.key`, calls `decide` with it, keeps `write` if there is one, passes `hint`
   * on to those who watch if there is one, and resolves with `reply`. No other transaction of the key may
   * come between. `moment.now` is on the store's clock, as `expiresAt` of the leases is.
   */
  abstract transaction<Reply>(request: StoreRequest, decide: Decide<Reply>): Reply | Promise<Reply>;

  abstract read(request: StoreRequest): Promise<LeaseRecord | undefined>;

  abstract close(): Promise<void>;

  async acquire(request: AcquireRequest): Promise<AcquireReply> {
    return this.transaction<AcquireReply>(request, (lease, moment) =>
      isLate(request) ? { reply: late.acquire } : acquire(lease, request, moment),
    );
  }

  async renew(request: RenewRequest): Promise<RenewReply> {
    return this.transaction<RenewReply>(request, (lease, moment) =>
      isLate(request) ? { reply: late.renew } : renew(lease, request, moment),
    );
  }

  /** Never too late: it frees only what is its own. */
  async release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.transaction(request, (lease, moment) => release(lease, request, moment));
  }
}

/** Asked inside the transaction: the wait for other processes is over by then. */
function isLate({ clock, notAfter }: StoreRequest): boolean {
  return clock.now() > notAfter;
}
