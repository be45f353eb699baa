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

/** The store at the other end of a link. Answers at once. */
interface LinkedStore {
  acquire(link: StoreLink, request: AcquireRequest): AcquireReply;
  renew(request: RenewRequest): RenewReply;
  release(request: ReleaseRequest): ReleaseReply;
  read(request: StoreRequest): LeaseRecord | undefined;
}

/** The connection of one elector to the store, which a test can cut. */
export class StoreLink implements LeaseStore {
  readonly traits: StoreTraits = { name: "test", exclusion: "strict", tokens: "memory" };
  /** Nothing gets through, in either direction, and neither side notices. */
  isCut = false;
  readonly #store: LinkedStore;
  readonly #listeners = new Set<Listener>();

  constructor(store: LinkedStore) {
    this.#store = store;
  }

  /** Whether its elector takes part. */
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

  /** Told afterwards, when the request that caused it has been answered. */
  tell(key: string, hint: Hint): void {
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
