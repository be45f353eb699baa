import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import {
  type ConsulStoreOptions,
  consulOptionNames,
  consulSettings,
} from "./stores/consul/consul-options.ts";
import { ConsulStore } from "./stores/consul/consul-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type { ConsulStoreOptions } from "./stores/consul/consul-options.ts";
export { ConsulStore } from "./stores/consul/consul-store.ts";

/** The options of the elector and of its store. */
export interface ConsulElectorOptions extends ElectorOptions, ConsulStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on the key-value store of Consul. All those that are made with the same URL and the same options of the
 * store share one {@link ConsulStore}, which opens its connections when it is first used. The last of them to stop
 * closes them.
 *
 * @example
 * const elector = new ConsulElector("consul://127.0.0.1:8500", "billing:scheduler", { ttl: 10_000 });
 * await elector.start();
 */
export class ConsulElector extends ClosingElector {
  /**
   * @param url `consul://host:8500`, an agent.
   * @param key Which election: 1 to 512 bytes that can all be seen.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`.
   */
  constructor(url: string, key: string, options: ConsulElectorOptions = {}) {
    const { store, elector } = divideOptions<ConsulStoreOptions>(options, consulOptionNames);
    const settings = consulSettings(url, store);
    super(
      stores.share([], settings, () => new ConsulStore(url, store)),
      key,
      elector,
    );
  }
}
