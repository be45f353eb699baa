import { join } from "node:path";
import { builtin } from "../../builtin.ts";
import { StoreError } from "../../errors.ts";
import type { ClusterAccess } from "./cluster-access.ts";

/** Where Kubernetes puts the service account of a pod. */
export const MOUNTED = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The access of the pod that this process runs in; nothing outside of a pod. */
export function serviceAccount(env: NodeJS.ProcessEnv, folder: string): ClusterAccess | undefined {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"] || "443";
  const tokenFile = join(folder, "token");
  if (!host || !builtin.fs.existsSync(tokenFile)) return undefined;
  return {
    server: new URL(`https://${host.includes(":") ? `[${host}]` : host}:${port}`),
    namespace: textOf(join(folder, "namespace")) || "default",
    credentials: async () => ({
      tls: { ca: textOf(join(folder, "ca.crt")) },
      headers: { authorization: `Bearer ${await readToken(tokenFile)}` },
    }),
  };
}

/** The token in a file, as it is now: Kubernetes replaces it before it expires. */
export async function readToken(path: string): Promise<string> {
  try {
    return (await builtin.fs.promises.readFile(path, "utf8")).trim();
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    const message = `Cannot read the token for Kubernetes: ${detail}`;
    throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { cause: error, applied: "no" });
  }
}

function textOf(path: string): string | undefined {
  return builtin.fs.existsSync(path) ? builtin.fs.readFileSync(path, "utf8").trim() : undefined;
}
