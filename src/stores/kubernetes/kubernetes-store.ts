import { realTimer, type Timer } from "../connections/timer.ts";
import type { Hint } from "../lease-store.ts";
import { ObservedStore } from "../observed/observed-store.ts";
import { type ObservedTime, realTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import { clusterOf, type Surroundings } from "./cluster.ts";
import type { KubeConfigClient } from "./kube-config-client.ts";
import type { KubernetesStoreOptions } from "./kubernetes-options.ts";
import { KubernetesRegister } from "./kubernetes-register.ts";
import { KubernetesRequests } from "./kubernetes-requests.ts";
import { kubernetesSettings } from "./kubernetes-settings.ts";
import { checkLeaseName } from "./lease-name.ts";
import type { LeaseCell } from "./lease-object.ts";
import { MOUNTED } from "./service-account.ts";

const traits = {
  ...({ name: "kubernetes", exclusion: "strict", tokens: "clock" } as const),
  // The duration of a Lease is in whole seconds.
  granularity: 1000,
};

/** What only tests of this package choose. */
export interface KubernetesEnvironment extends Surroundings {
  readonly timer: Timer;
  readonly time: ObservedTime;
}

/**
 * Leases in objects of the kind Lease, in one namespace of a Kubernetes cluster. Candidates that use client-go take
 * part in the same elections.
 *
 * Its connections stay open until `close()`.
 *
 * @example
 * const store = new KubernetesStore("kubernetes:billing");
 * const elector = new Elector(store, "billing-scheduler", { ttl: 15_000 });
 */
export class KubernetesStore extends ObservedStore<LeaseCell> {
  declare readonly keys: (wait: Wait) => Promise<string[]>;
  declare readonly watch: (key: string, onHint: (hint: Hint) => void) => () => void;

  /**
   * @param client A URL `kubernetes:` or `kubernetes:NAMESPACE`, which in a pod stands for its service account, and
   * elsewhere for the current context of `$KUBECONFIG` or `~/.kube/config`; or a KubeConfig of
   * `@kubernetes/client-node` (1 or 2).
   * @param environment is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` if the kubeconfig needs
   * `@kubernetes/client-node` and that is not installed.
   */
  constructor(
    client: KubeConfigClient | string = "kubernetes:",
    options: KubernetesStoreOptions = {},
    environment: Partial<KubernetesEnvironment> = {},
  ) {
    const settings = kubernetesSettings(client, options);
    const { timer = realTimer, time = realTime, env = process.env } = environment;
    const { serviceAccountFolder = MOUNTED } = environment;
    const access = clusterOf(client, { env, serviceAccountFolder });
    const requests = new KubernetesRequests(access, settings.namespace ?? access.namespace);
    const register = new KubernetesRegister(requests, settings.longestForeignTtl, timer);
    super(register, { traits, restartGuard: settings.restartGuard }, time);
  }

  /** Throws `INCUMBENT_INVALID_OPTION` unless the key can be the name of a Lease. */
  checkKey(key: string): void {
    checkLeaseName(key);
  }
}
