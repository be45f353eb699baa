import type { Clock } from "../elector/time/clock.ts";
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

/** The request of the rival. Each access to the store renews its lease, so that it never expires. */
const rival = {
  nonce: "rival",
  nodeId: "somebody-else",
  metadata: undefined,
  ttl: 10_000,
  above: 0,
};

/** The date when a manual clock shows 0. */
const BEGINNING = Date.UTC(2026, 0, 1);

/**
 * A store with the usual rules, except that a free lease goes to a rival unless the test has chosen an
 * elector for it, or has vacated the election. So no elector is elected by accident. Requests take no time, so none is
 * late.
 */
export class TestStore {
  readonly #clock: Clock;
  /** Whether a free lease goes only to an elector that asks, unless it is said of the key. */
  readonly #isVacant: boolean;
  readonly #vacant = new Map<string, boolean>();
  readonly #leases = new Map<string, StoredLease>();
  readonly #links = new Set<StoreLink>();
  readonly #chosen = new Map<string, StoreLink>();

  constructor(clock: Clock, isVacant: boolean) {
    this.#clock = clock;
    this.#isVacant = isVacant;
  }

  /** Makes a link for one more elector. */
  link(): StoreLink {
    const link = new StoreLink(this);
    this.#links.add(link);
    return link;
  }

  /** Lets the next attempt through this link win, if the rival has the lease. */
  choose(key: string, link: StoreLink): void {
    this.#chosen.set(key, link);
  }

  /** Undoes `choose`. */
  forget(key: string): void {
    this.#chosen.delete(key);
  }

  /** Whether the link is chosen and its elector has not used this yet. */
  isChosen(key: string, link: StoreLink): boolean {
    return this.#chosen.get(key) === link;
  }

  /** Gives the lease to the rival even if an elector holds it. An operator can do this, but no candidate. */
  steal(key: string): void {
    this.#vacant.set(key, false);
    const vacated = this.#vacated(this.#leases.get(key));
    this.#carryOut(key, this.#grant(vacated, rival));
  }

  /** Takes the lease from the rival. From now on, the first candidate that asks gets it if it is free. */
  vacate(key: string): void {
    this.#vacant.set(key, true);
    const lease = this.#leases.get(key);
    if (lease?.nonce !== rival.nonce) return;
    this.#leases.set(key, { ...lease, nonce: "" });
    for (const link of this.#links) link.deliver(key, "released");
  }

  acquire(link: StoreLink, request: AcquireRequest): AcquireReply {
    const { key } = request;
    const lease = this.#seated(key);
    const isFree = read(lease, this.#clock.now()) === undefined;
    const isChosen = this.isChosen(key, link);
    if (!isFree && !(isChosen && lease?.nonce === rival.nonce)) {
      return acquire(lease, request, this.#moment()).reply;
    }
    if (isChosen) this.forget(key);
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

  /** The remaining time of the lease of a key, in ms. */
  remaining(key: string): number {
    return read(this.#leases.get(key), this.#clock.now())?.expiresIn ?? 0;
  }

  /** The lease of a key. If no elector has a live one, it is the rival's, unless the election is vacant. */
  #seated(key: string): StoredLease | undefined {
    const now = this.#clock.now();
    const lease = this.#leases.get(key);
    const isElectors = lease !== undefined && lease.nonce !== rival.nonce;
    if (isElectors && read(lease, now) !== undefined) return lease;
    if (this.#vacant.get(key) ?? this.#isVacant) return lease;
    const { write } = this.#grant(this.#vacated(lease), rival);
    // The rival's term goes on unless an elector had the lease in between.
    const kept = lease?.nonce === rival.nonce ? { ...lease, expiresAt: now + rival.ttl } : write;
    this.#leases.set(key, kept);
    return kept;
  }

  /** Grants a free lease, with the next whole number as its token. */
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
    // With the wall clock, tokens would be microseconds. In a test, 1, 2, 3 are easier to read.
    return { now: this.#clock.now(), wall: 0 };
  }

  #carryOut<Reply>(key: string, { reply, write, hint }: Decision<Reply>): Reply {
    if (write !== undefined) this.#leases.set(key, write);
    if (hint !== undefined) for (const link of this.#links) link.deliver(key, hint);
    return reply;
  }
}
