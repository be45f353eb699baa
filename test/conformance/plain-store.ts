import type { StoreCapabilities, StoreSetup, StoreUnderTest } from "../../src/conformance.ts";
import type { Decision, Moment, StoredLease } from "../../src/stores/lease-rules.ts";
import * as rules from "../../src/stores/lease-rules.ts";
import type {
  AcquireReply,
  AcquireRequest,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "../../src/stores/lease-store.ts";
import { ManualClock } from "../support/manual-clock.ts";

type Lease = StoredLease | undefined;

/** What stands behind the stores of one test. */
export class Place {
  readonly leases = new Map<string, StoredLease>();
  /** Of servers that vote: the nonces that ask in this moment, and the keys whose votes are split, once or for good. */
  readonly polls = new Map<string, Set<string>>();
  readonly split = new Set<string>();
  readonly stuck = new Set<string>();
  readonly watchers = new Set<{ readonly key: string; readonly onHint: (hint: Hint) => void }>();

  /** The hint comes when the request has been answered. */
  notify(key: string, hint: Hint): void {
    for (const watcher of [...this.watchers]) {
      if (watcher.key === key) queueMicrotask(() => this.#tellOne(watcher, hint));
    }
  }

  #tellOne(watcher: { readonly onHint: (hint: Hint) => void }, hint: Hint): void {
    if ([...this.watchers].some((each) => each === watcher)) watcher.onHint(hint);
  }
}

/** A store that keeps every rule, in parts that a wrong one replaces. Tokens count 1, 2, 3. */
export class PlainStore implements LeaseStore {
  readonly traits: StoreTraits = { name: "plain", exclusion: "strict", tokens: "memory" };
  readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  async acquire(request: AcquireRequest): Promise<AcquireReply> {
    if (this.isLate(request)) return rules.late.acquire;
    return this.#keep(request, (lease, moment) => this.decideAcquire(lease, request, moment));
  }

  async renew(request: RenewRequest): Promise<RenewReply> {
    if (this.isLate(request)) return rules.late.renew;
    return this.#keep(request, (lease, moment) => this.decideRenew(lease, request, moment));
  }

  async release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#keep(request, (lease, moment) => this.decideRelease(lease, request, moment));
  }

  async read({ key, clock }: StoreRequest): Promise<LeaseRecord | undefined> {
    return this.show(this.find(key), clock.now());
  }

  async keys(): Promise<string[]> {
    return [...this.place.leases.keys()];
  }

  watch(key: string, onHint: (hint: Hint) => void): () => void {
    const watcher = { key, onHint };
    this.place.watchers.add(watcher);
    return () => this.unwatch(watcher);
  }

  async close(): Promise<void> {}

  decideAcquire(lease: Lease, request: AcquireRequest, moment: Moment): Decision<AcquireReply> {
    return rules.acquire(lease, request, moment);
  }

  decideRenew(lease: Lease, request: RenewRequest, moment: Moment): Decision<RenewReply> {
    return rules.renew(lease, request, moment);
  }

  decideRelease(lease: Lease, request: ReleaseRequest, moment: Moment): Decision<ReleaseReply> {
    return rules.release(lease, request, moment);
  }

  show(lease: Lease, now: number): LeaseRecord | undefined {
    return rules.read(lease, now);
  }

  isLate({ clock, notAfter }: StoreRequest): boolean {
    return clock.now() > notAfter;
  }

  find(key: string): Lease {
    return this.place.leases.get(key);
  }

  save(key: string, lease: StoredLease): void {
    this.place.leases.set(key, lease);
  }

  unwatch(watcher: { readonly key: string; readonly onHint: (hint: Hint) => void }): void {
    this.place.watchers.delete(watcher);
  }

  #keep<Reply>(
    { key, clock }: StoreRequest,
    decide: (lease: Lease, moment: Moment) => Decision<Reply>,
  ): Reply {
    const { reply, write, hint } = decide(this.find(key), { now: clock.now(), wall: 0 });
    if (write !== undefined) this.save(key, write);
    if (hint !== undefined) this.place.notify(key, hint);
    return reply;
  }
}

/** A store with one fault, and the ids of exactly those rules that it breaks. */
export interface WrongStore {
  readonly caughtBy: readonly string[];
  readonly capabilities?: Partial<StoreCapabilities>;
  open(place: Place): LeaseStore;
  /** With a date that is an hour ahead. */
  openAhead?(place: Place): LeaseStore;
  restart?(place: Place): void;
}

export function underTest(wrong: WrongStore): StoreUnderTest {
  return {
    setUp: () => setUp(wrong),
    capabilities: {
      ...{ exclusion: "strict", tokens: "memory", wakeUp: true, keys: true },
      ...wrong.capabilities,
    },
    // Time is moved by hand, so nothing that is right comes later than at once.
    patience: 100,
    seed: 1,
  };
}

function setUp(wrong: WrongStore): StoreSetup {
  const place = new Place();
  const clock = new ManualClock();
  return {
    time: { now: () => clock.now(), pass: (ms) => clock.advance(ms) },
    open: () => wrong.open(place),
    openAhead: () => wrong.openAhead?.(place) ?? wrong.open(place),
    restart: () => wrong.restart?.(place),
    loseData: () => place.leases.clear(),
  };
}
