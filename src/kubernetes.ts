import { ClosingElector, divideOptions } from "./elector/closing-elector.ts";
import type { ElectorOptions } from "./elector/options.ts";
import type { KubeConfigClient } from "./stores/kubernetes/kube-config-client.ts";
import {
  type KubernetesStoreOptions,
  kubernetesOptionNames,
} from "./stores/kubernetes/kubernetes-options.ts";
import { kubernetesSettings } from "./stores/kubernetes/kubernetes-settings.ts";
import { KubernetesStore } from "./stores/kubernetes/kubernetes-store.ts";
import { SharedStores } from "./stores/shared-stores.ts";

export type { KubeConfigClient } from "./stores/kubernetes/kube-config-client.ts";
export type { KubernetesStoreOptions } from "./stores/kubernetes/kubernetes-options.ts";
export { KubernetesStore } from "./stores/kubernetes/kubernetes-store.ts";

/** The options of the elector and of its store. */
export interface KubernetesElectorOptions extends ElectorOptions, KubernetesStoreOptions {}

const stores = new SharedStores();

/**
 * An elector on a Lease of a Kubernetes cluster. All those that are made with the same client or the same URL, and
 * with the same options of the store, share one {@link KubernetesStore}. The last of them to stop closes it.
 *
 * @example
 * const elector = new KubernetesElector("kubernetes:", "billing-scheduler", { ttl: 15_000 });
 * await elector.start();
 */
export class KubernetesElector extends ClosingElector {
  /**
   * @param client A URL `kubernetes:` or `kubernetes:NAMESPACE`, which in a pod stands for its service account, and
   * elsewhere for the current context of `$KUBECONFIG` or `~/.kube/config`; or a KubeConfig of
   * `@kubernetes/client-node` (1 or 2).
   * @param key Which election, and the name of its Lease: at most 253 lower-case letters, digits, `-` and `.`.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` if the kubeconfig needs
   * `@kubernetes/client-node` and that is not installed.
   */
  constructor(
    client: KubeConfigClient | string,
    key: string,
    options: KubernetesElectorOptions = {},
  ) {
    const { store, elector } = divideOptions<KubernetesStoreOptions>(
      options,
      kubernetesOptionNames,
    );
    const settings = kubernetesSettings(client, store);
    super(
      stores.share([client], settings, () => new KubernetesStore(client, store)),
      key,
      elector,
    );
  }
}
