import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import { type EtcdStoreOptions, etcdOptionNames } from "./stores/etcd/etcd-options.ts";
import { etcdSettings } from "./stores/etcd/etcd-settings.ts";
import { EtcdStore } from "./stores/etcd/etcd-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type { EtcdStoreOptions } from "./stores/etcd/etcd-options.ts";
export { EtcdStore } from "./stores/etcd/etcd-store.ts";

/** The options of the elector and of its store. */
export interface EtcdElectorOptions extends ElectorOptions, EtcdStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on etcd. All those that are made with the same URL and the same options of the store share one
 * {@link EtcdStore}, which opens its connections when it is first used. The last of them to stop closes them.
 *
 * @example
 * const elector = new EtcdElector("etcd://10.0.0.1:2379", "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class EtcdElector extends ClosingElector {
  /**
   * @param url Where the members are: `etcd://host:2379,host:2379`, or `etcds://…` with TLS.
   * @param key Which election: 1 to 512 bytes that can all be seen.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
   */
  constructor(url: string, key: string, options: EtcdElectorOptions = {}) {
    const { store, elector } = divideOptions<EtcdStoreOptions>(options, etcdOptionNames);
    const settings = etcdSettings(url, store);
    super(
      stores.share([], settings, () => new EtcdStore(url, store)),
      key,
      elector,
    );
  }
}
