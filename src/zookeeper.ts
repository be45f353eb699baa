import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import { SharedStores } from "./stores/shared-stores.ts";
import {
  type ZookeeperStoreOptions,
  zookeeperOptionNames,
} from "./stores/zookeeper/zookeeper-options.ts";
import { zookeeperSettings } from "./stores/zookeeper/zookeeper-settings.ts";
import { ZookeeperStore } from "./stores/zookeeper/zookeeper-store.ts";

export type { ZookeeperStoreOptions } from "./stores/zookeeper/zookeeper-options.ts";
export { ZookeeperStore } from "./stores/zookeeper/zookeeper-store.ts";

/** The options of the elector and of its store. */
export interface ZookeeperElectorOptions extends ElectorOptions, ZookeeperStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on ZooKeeper. All those that are made with the same URL and the same options of the store share one
 * {@link ZookeeperStore}, which connects when it is first used. The last of them to stop closes it.
 *
 * @example
 * const elector = new ZookeeperElector("zookeeper://10.0.0.1,10.0.0.2,10.0.0.3", "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class ZookeeperElector extends ClosingElector {
  /**
   * @param url `zookeeper://host:2181,host:2181/chroot`, the servers of one ensemble.
   * @param key Which election: 1 to 512 bytes that can all be seen.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
   */
  constructor(url: string, key: string, options: ZookeeperElectorOptions = {}) {
    const { store, elector } = divideOptions<ZookeeperStoreOptions>(options, zookeeperOptionNames);
    const settings = zookeeperSettings(url, store);
    super(
      stores.share([], settings, () => new ZookeeperStore(url, store)),
      key,
      elector,
    );
  }
}
