import { checkOptions, invalid, wholeNumber } from "../../input.ts";
import { checkGuard } from "../guard-options.ts";
import { agree } from "../url-parameters.ts";
import { type KubernetesStoreOptions, kubernetesOptionNames } from "./kubernetes-options.ts";
import { readKubernetesUrl } from "./kubernetes-url.ts";
import { checkNamespace } from "./lease-name.ts";

/** The options, checked and complete. */
export interface KubernetesSettings {
  readonly namespace: string | undefined;
  readonly restartGuard: boolean;
  readonly longestForeignTtl: number;
}

const FOREIGN = { min: 1000, max: 2 ** 31 - 1, example: "300000 (5 min)" };

/**
 * The options of a store, with what its URL says. Throws `INCUMBENT_INVALID_OPTION`, also when the two say different
 * things.
 */
export function kubernetesSettings(
  client: unknown,
  options: KubernetesStoreOptions,
): KubernetesSettings {
  checkOptions(options, kubernetesOptionNames, '{ namespace: "billing" }');
  const ofUrl = typeof client === "string" ? readKubernetesUrl(client) : {};
  const all = agree<KubernetesStoreOptions>(options, ofUrl, kubernetesOptionNames);
  const { namespace, restartGuard, longestForeignTtl = 300_000 } = all;
  if (namespace !== undefined && typeof namespace !== "string") {
    const rule = "must be a string";
    throw invalid({ name: "namespace", rule, value: namespace, example: '"billing"' });
  }
  return {
    namespace: namespace && checkNamespace(namespace),
    restartGuard: checkGuard({ restartGuard }).restartGuard,
    longestForeignTtl: wholeNumber("longestForeignTtl", longestForeignTtl, FOREIGN),
  };
}
