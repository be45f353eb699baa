import { checkOptions, invalid, wholeNumber } from "../../input.ts";
import { checkGuard } from "../guard-options.ts";
import { checkNamespace } from "./lease-name.ts";

/** How a {@link KubernetesStore} may be set up. */
export interface KubernetesStoreOptions {
  /**
   * The namespace of the Leases.
   * @defaultValue the one in the URL; else that of the pod, or of the current context of the kubeconfig
   */
  readonly namespace?: string | undefined;
  /**
   * If there is no Lease, or an older one than before, no candidate is elected for one ttl, so that a lease which
   * was deleted never meets a new one. `false`: elects at once, and two leaders are possible for up to a ttl.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
  /**
   * For how long at most a candidate waits for a holder that is not of Incumbent, such as one of client-go, in ms,
   * since it was seen to renew. Must be at least the longest duration that such a holder uses.
   * @defaultValue 300_000 (5 minutes)
   */
  readonly longestForeignTtl?: number | undefined;
}

/** The names of all options. */
export const kubernetesOptionNames: readonly (keyof KubernetesStoreOptions)[] = [
  ...(["namespace", "restartGuard", "longestForeignTtl"] as const),
];

/** The options, checked and complete. */
export interface KubernetesSettings {
  readonly namespace: string | undefined;
  readonly restartGuard: boolean;
  readonly longestForeignTtl: number;
}

const FOREIGN = { min: 1000, max: 2 ** 31 - 1, example: "300000 (5 min)" };

/** Throws `INCUMBENT_INVALID_OPTION`. */
export function kubernetesSettings(options: KubernetesStoreOptions): KubernetesSettings {
  checkOptions(options, kubernetesOptionNames, '{ namespace: "billing" }');
  const { namespace, longestForeignTtl = 300_000 } = options;
  if (namespace !== undefined && typeof namespace !== "string") {
    const rule = "must be a string";
    throw invalid({ name: "namespace", rule, value: namespace, example: '"billing"' });
  }
  return {
    namespace: namespace && checkNamespace(namespace),
    restartGuard: checkGuard({ restartGuard: options.restartGuard }).restartGuard,
    longestForeignTtl: wholeNumber("longestForeignTtl", longestForeignTtl, FOREIGN),
  };
}
