import type {
  AcquireReply,
  AcquireRequest,
  Examination,
  Finding,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "./lease-store.ts";

/** All that a store can do: what a share left out, its elector would have to do without. */
type WholeStore = Required<Omit<LeaseStore, Chosen>> & Pick<LeaseStore, Chosen>;
type Chosen = "shared" | "checkKey" | "checkTtl" | "watch" | "diagnose";

/** A store, and the shares that have used it and are not closed. */
interface Shared {
  readonly store: WholeStore;
  readonly users: Set<object>;
}

/**
 * One store for all electors that were made with the same servers and settings. A store that is not in
 * use is held by its electors alone: it goes when they go, and a program may make any number of them.
 */
export class SharedStores {
  readonly #stores = new Map<string, WeakRef<Shared>>();
  /** Its connections outlive an elector that was dropped and never stopped, so the store has to as well. */
  readonly #inUse = new Set<Shared>();
  readonly #numbers = new WeakMap<object, number>();
  #numbered = 0;
  readonly #forgotten = new FinalizationRegistry<string>((name) => {
    // There may be another one of this name by now.
    if (this.#stores.get(name)?.deref() === undefined) this.#stores.delete(name);
  });

  /**
   * A share of the store of these servers, each a client or a URL. `settings` must be checked and complete;
   * `make` throws if there can be no such store. Neither is kept if it does.
   */
  share(servers: readonly unknown[], settings: object, make: () => WholeStore): WholeStore {
    const name = JSON.stringify([servers.map((server) => this.#identify(server)), settings]);
    let shared = this.#stores.get(name)?.deref();
    if (shared === undefined) {
      shared = { store: make(), users: new Set() };
      this.#stores.set(name, new WeakRef(shared));
      this.#forgotten.register(shared, name);
    }
    return new Share(shared, this.#inUse);
  }

  #identify(server: unknown): string | number {
    if (typeof server !== "object" || server === null) return String(server);
    const known = this.#numbers.get(server);
    if (known !== undefined) return known;
    this.#numbered += 1;
    this.#numbers.set(server, this.#numbered);
    return this.#numbered;
  }
}

/** The store as one elector has it: in use from its first request on, and closed with the last one in use. */
class Share implements WholeStore {
  /** Left out if the store has none: then its elector looks more often. */
  readonly watch?: (key: string, onHint: (hint: Hint) => void) => () => void;
  readonly diagnose?: (examination: Examination) => AsyncIterable<Finding>;
  readonly #shared: Shared;
  readonly #inUse: Set<Shared>;

  constructor(shared: Shared, inUse: Set<Shared>) {
    this.#shared = shared;
    this.#inUse = inUse;
    const { store } = shared;
    if (store.diagnose !== undefined) this.diagnose = store.diagnose.bind(store);
    if (store.watch === undefined) return;
    this.watch = (key, onHint) => this.#use().watch?.(key, onHint) ?? (() => {});
  }

  get traits(): StoreTraits {
    return this.#shared.store.traits;
  }

  get shared(): object {
    return this.#shared.store;
  }

  checkTtl(ttl: number): void {
    this.#shared.store.checkTtl?.(ttl);
  }

  checkKey(key: string): void {
    this.#shared.store.checkKey?.(key);
  }

  acquire(request: AcquireRequest): Promise<AcquireReply> {
    return this.#use().acquire(request);
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return this.#use().renew(request);
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#use().release(request);
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    return this.#use().read(request);
  }

  keys(request: Pick<StoreRequest, "clock" | "signal">): Promise<string[]> {
    return this.#use().keys(request);
  }

  /** An elector that starts while the store is being closed makes a later request, which opens it again. */
  async close(): Promise<void> {
    const { store, users } = this.#shared;
    if (!users.delete(this) || users.size > 0) return;
    this.#inUse.delete(this.#shared);
    await store.close();
  }

  #use(): WholeStore {
    if (!this.#shared.users.has(this)) {
      this.#shared.users.add(this);
      this.#inUse.add(this.#shared);
    }
    return this.#shared.store;
  }
}
