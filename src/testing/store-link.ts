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
} from "../stores/lease-store.ts";

interface Listener {
  readonly key: string;
  readonly onHint: (hint: Hint) => void;
}

/** The store at the other end of a link. It answers at once. */
interface LinkedStore {
  acquire(link: StoreLink, request: AcquireRequest): AcquireReply;
  renew(request: RenewRequest): RenewReply;
  release(request: ReleaseRequest): ReleaseReply;
  read(request: StoreRequest): LeaseRecord | undefined;
}

/** One elector's connection to the store, which a test can cut. */
export class StoreLink implements LeaseStore {
  readonly traits: StoreTraits = { name: "test", exclusion: "strict", tokens: "memory" };
  /** If true, no request, answer or hint gets through, and neither side notices. */
  isCut = false;
  readonly #store: LinkedStore;
  readonly #listeners = new Set<Listener>();

  constructor(store: LinkedStore) {
    this.#store = store;
  }

  /** Whether its elector has started and not stopped. */
  get isInUse(): boolean {
    return this.#listeners.size > 0;
  }

  acquire(request: AcquireRequest): Promise<AcquireReply> {
    return this.#send(() => this.#store.acquire(this, request));
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return this.#send(() => this.#store.renew(request));
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#send(() => this.#store.release(request));
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    return this.#send(() => this.#store.read(request));
  }

  watch(key: string, onHint: (hint: Hint) => void): () => void {
    const listener = { key, onHint };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {}

  /** Delivers a hint to the listeners, after the request that caused it has been answered. */
  deliver(key: string, hint: Hint): void {
    for (const listener of this.#listeners) {
      if (listener.key !== key || this.isCut) continue;
      queueMicrotask(() => {
        if (this.#listeners.has(listener)) listener.onHint(hint);
      });
    }
  }

  #send<Reply>(decide: () => Reply): Promise<Reply> {
    return this.isCut ? new Promise(() => {}) : Promise.resolve(decide());
  }
}
