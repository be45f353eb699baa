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
} from "../lease-store.ts";
import { ObservedStore } from "../observed/observed-store.ts";
import { type ObservedTime, realTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import type { EtcdCell } from "./etcd-cell.ts";
import type { EtcdStoreOptions } from "./etcd-options.ts";
import { EtcdRegister } from "./etcd-register.ts";
import { etcdSettings } from "./etcd-settings.ts";

/**
 * Leases in etcd, version 3.4 or later, through its JSON gateway. It needs no client library.
 *
 * Each election is one key, which is never deleted and has no lease of etcd's own. A candidate takes the lease when it
 * has seen the key unchanged for one ttl.
 */
export class EtcdStore implements LeaseStore {
  readonly traits: StoreTraits;
  readonly #register: EtcdRegister;
  readonly #store: ObservedStore<EtcdCell>;

  /**
   * @param url Where the members are: `etcd://host:2379,host:2379`, or `etcds://…` with TLS.
   * @param time is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
   * @example
   * const store = new EtcdStore("etcd://10.0.0.1:2379,10.0.0.2:2379", { user: "app", password });
   */
  constructor(url: string, options: EtcdStoreOptions = {}, time: ObservedTime = realTime) {
    const settings = etcdSettings(url, options);
    const traits = { name: "etcd", exclusion: "strict", tokens: "clock" } as const;
    const { restartGuard } = settings;
    this.#register = new EtcdRegister(settings);
    this.#store = new ObservedStore(this.#register, { traits, restartGuard }, time);
    this.traits = this.#store.traits;
  }

  /** Every ttl fits. */
  checkTtl(_ttl: number): void {}

  acquire(request: AcquireRequest): Promise<AcquireReply> {
    return this.#store.acquire(request);
  }

  renew(request: RenewRequest): Promise<RenewReply> {
    return this.#store.renew(request);
  }

  release(request: ReleaseRequest): Promise<ReleaseReply> {
    return this.#store.release(request);
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    return this.#store.read(request);
  }

  keys(wait: Wait): Promise<string[]> {
    return this.#register.keys(wait);
  }

  watch(key: string, onHint: (hint: Hint) => void): () => void {
    return this.#store.watch?.(key, onHint) ?? (() => {});
  }

  diagnose(examination: Examination): AsyncIterable<Finding> {
    return this.#store.diagnose(examination);
  }

  close(): Promise<void> {
    return this.#store.close();
  }
}
