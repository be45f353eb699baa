import { IncumbentError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { isKubeConfig, type KubeConfigClient, kubeConfigAccess } from "./kube-config-client.ts";
import { kubeconfigAccess, kubeconfigFiles } from "./kubeconfig.ts";
import { serviceAccount } from "./service-account.ts";

/** What the process finds around it. */
export interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  /** The folder of the pod's service account. */
  readonly serviceAccountFolder: string;
}

/** The cluster that the client or URL names. Throws an `IncumbentError`. */
export function clusterOf(client: KubeConfigClient | string, found: Surroundings): ClusterAccess {
  if (typeof client === "string") return clusterAround(found);
  if (isKubeConfig(client)) return kubeConfigAccess(client);
  throw invalid({
    name: "client",
    rule: "must be a KubeConfig of @kubernetes/client-node, or a URL",
    value: client,
    example: '"kubernetes:billing"',
  });
}

function clusterAround({ env, serviceAccountFolder }: Surroundings): ClusterAccess {
  const ofPod = serviceAccount(env, serviceAccountFolder);
  if (ofPod !== undefined) return ofPod;
  const files = kubeconfigFiles(env);
  if (files.length > 0) return kubeconfigAccess(files);
  throw new IncumbentError(
    "INCUMBENT_INVALID_OPTION",
    "store must be used in a pod with a service account, or beside a kubeconfig; found neither. Example: KUBECONFIG=/etc/app/kubeconfig, or ~/.kube/config.",
  );
}
