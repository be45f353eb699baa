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
import type { TestStore } from "./test-store.ts";

interface Listener {
  readonly key: string;
  readonly onHint: (hint: Hint) => void;
}

/** One elector's way to the store, which can be cut. */
export class StoreLink implements LeaseStore {
  readonly traits: StoreTraits = { name: "test", exclusion: "strict", tokens: "memory" };
  /** Nothing gets through, in either direction, and nobody is told so. */
  isCut = false;
  readonly #store: TestStore;
  readonly #listeners = new Set<Listener>();

  constructor(store: TestStore) {
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
