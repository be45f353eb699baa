import type { Clock } from "../elector/clock.ts";
import {
  acquire,
  type Decision,
  read,
  release,
  renew,
  type StoredLease,
} from "../stores/lease-rules.ts";
import type {
  AcquireReply,
  AcquireRequest,
  LeaseRecord,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
} from "../stores/lease-store.ts";
import { StoreLink } from "./store-link.ts";

/** What the rival asks for. It renews whenever anybody looks, so its lease never ends by itself. */
const rival = {
  nonce: "rival",
  nodeId: "somebody-else",
  metadata: undefined,
  ttl: 10_000,
  above: 0,
};

/** When a manual clock shows 0. */
const BEGINNING = Date.UTC(2026, 0, 1);

/**
 * Leases under the ordinary rules, but for one: a lease that is free goes to a rival, unless the test
 * has chosen who gets it. So nobody is elected by accident. No request takes time, so none is late.
 */
export class TestStore {
  readonly #clock: Clock;
  readonly #leases = new Map<string, StoredLease>();
  readonly #links = new Set<StoreLink>();
  readonly #chosen = new Map<string, StoreLink>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Another elector's way to this store. */
  link(): StoreLink {
    const link = new StoreLink(this);
    this.#links.add(link);
    return link;
  }

  /** The next attempt through this link wins, if the rival has the lease. */
  choose(key: string, link: StoreLink): void {
    this.#chosen.set(key, link);
  }

  /** Takes the choice back. */
  forget(key: string): void {
    this.#chosen.delete(key);
  }

  /** Whether the choice has not been made use of yet. */
  isChosen(key: string, link: StoreLink): boolean {
    return this.#chosen.get(key) === link;
  }

  /** The rival takes the lease, whoever has it: what an operator can do, and no candidate. */
  steal(key: string): void {
    const vacated = this.#vacated(this.#leases.get(key));
    this.#carryOut(key, this.#grant(vacated, rival));
  }

  acquire(link: StoreLink, request: AcquireRequest): AcquireReply {
    const { key } = request;
    const lease = this.#seated(key);
    if (!this.isChosen(key, link) || lease.nonce !== rival.nonce) {
      return acquire(lease, request, this.#moment()).reply;
    }
    this.forget(key);
    return this.#carryOut(key, this.#grant(this.#vacated(lease), request));
  }

  renew(request: RenewRequest): RenewReply {
    const lease = this.#leases.get(request.key);
    return this.#carryOut(request.key, renew(lease, request, this.#moment()));
  }

  release(request: ReleaseRequest): ReleaseReply {
    const lease = this.#leases.get(request.key);
    return this.#carryOut(request.key, release(lease, request, this.#moment()));
  }

  read({ key }: StoreRequest): LeaseRecord | undefined {
    return read(this.#seated(key), this.#clock.now());
  }

  /** How long the lease of a key still lasts, in ms. */
  remaining(key: string): number {
    return read(this.#leases.get(key), this.#clock.now())?.expiresIn ?? 0;
  }

  /** The live lease of a key; the rival's, where nobody else has one. */
  #seated(key: string): StoredLease {
    const now = this.#clock.now();
    const lease = this.#leases.get(key);
    const isLive = read(lease, now) !== undefined;
    if (isLive && lease !== undefined && lease.nonce !== rival.nonce) return lease;
    const { write } = this.#grant(this.#vacated(lease), rival);
    // It is the same term of the rival's for as long as nobody else had the lease.
    const kept = lease?.nonce === rival.nonce ? { ...lease, expiresAt: now + rival.ttl } : write;
    this.#leases.set(key, kept);
    return kept;
  }

  /** A free lease is granted, with the next whole number as its token. */
  #grant(lease: StoredLease | undefined, wish: typeof rival | AcquireRequest) {
    const { reply, write } = acquire(lease, wish, this.#moment());
    if (!reply.granted || write === undefined) throw new Error("a lease that is free was refused");
    const since = BEGINNING + this.#clock.now();
    return { reply: { ...reply, since }, write: { ...write, since }, hint: "changed" } as const;
  }

  #vacated(lease: StoredLease | undefined): StoredLease | undefined {
    return lease && { ...lease, nonce: "" };
  }

  #moment() {
    // The wall clock would make tokens of microseconds; a test would rather see 1, 2, 3.
    return { now: this.#clock.now(), wall: 0 };
  }

  #carryOut<Reply>(key: string, { reply, write, hint }: Decision<Reply>): Reply {
    if (write !== undefined) this.#leases.set(key, write);
    if (hint !== undefined) for (const link of this.#links) link.tell(key, hint);
    return reply;
  }
}
