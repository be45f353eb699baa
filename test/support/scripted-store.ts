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

/** A request that waits for the test to answer it. */
export interface Call<Request, Reply> {
  readonly request: Request;
  answer(reply: Reply): void;
  fail(error: unknown): void;
}

/** A store whose every answer the test gives. */
export class ScriptedStore implements LeaseStore {
  readonly traits: StoreTraits;
  readonly acquires: Call<AcquireRequest, AcquireReply>[] = [];
  readonly renews: Call<RenewRequest, RenewReply>[] = [];
  readonly releases: Call<ReleaseRequest, ReleaseReply>[] = [];
  readonly reads: Call<StoreRequest, LeaseRecord | undefined>[] = [];
  readonly watchers = new Set<(hint: Hint) => void>();

  constructor(traits: Partial<StoreTraits> = {}) {
    this.traits = { name: "scripted", exclusion: "strict", tokens: "clock", ...traits };
  }

  acquire(request: AcquireRequest): Promise<AcquireReply> {
    return record(this.acquires, request);
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return record(this.renews, request);
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return record(this.releases, request);
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    return record(this.reads, request);
  }

  watch(_key: string, onHint: (hint: Hint) => void): () => void {
    this.watchers.add(onHint);
    return () => {
      this.watchers.delete(onHint);
    };
  }

  async close(): Promise<void> {}

  hint(hint: Hint): void {
    for (const watcher of [...this.watchers]) watcher(hint);
  }
}

function record<Request, Reply>(calls: Call<Request, Reply>[], request: Request): Promise<Reply> {
  return new Promise((answer, fail) => {
    calls.push({ request, answer, fail });
  });
}
