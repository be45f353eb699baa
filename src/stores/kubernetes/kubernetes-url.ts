import { invalid } from "../../input.ts";
import { readParameters, trueOrFalse, wholeNumberParameter } from "../url-parameters.ts";
import type { KubernetesStoreOptions } from "./kubernetes-options.ts";

const parameters = {
  restartGuard: trueOrFalse,
  longestForeignTtl: wholeNumberParameter("300000"),
};

/** The options that a URL `kubernetes:` or `kubernetes:NAMESPACE` sets. Throws `INCUMBENT_INVALID_OPTION`. */
export function readKubernetesUrl(url: string): KubernetesStoreOptions {
  const parts = /^kubernetes:([^/?#]*)(?:\?([^#]*))?$/i.exec(url);
  if (parts === null) {
    const rule = "must be kubernetes: or kubernetes:NAMESPACE, without //";
    throw invalid({ name: "store", rule, value: url, example: '"kubernetes:billing"' });
  }
  const [, namespace = "", query = ""] = parts;
  return { ...(namespace !== "" && { namespace }), ...readParameters(query, parameters) };
}
