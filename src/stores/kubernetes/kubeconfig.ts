import { delimiter, join } from "node:path";
import { builtin } from "../../builtin.ts";
import { IncumbentError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import { redact } from "../../redact.ts";
import type { ClusterAccess } from "./cluster-access.ts";
import { type KubeConfigClient, kubeConfigAccess, newKubeConfig } from "./kube-config-client.ts";
import {
  type Fields,
  type KubeconfigChoice,
  pemOf,
  readKubeconfig,
  textOf,
} from "./kubeconfig-text.ts";
import { readToken } from "./service-account.ts";

/** The files that kubectl would read; those that are not there do not count. */
export function kubeconfigFiles(env: NodeJS.ProcessEnv): string[] {
  const named = (env["KUBECONFIG"] ?? "").split(delimiter).filter((path) => path !== "");
  const paths =
    named.length > 0 ? named : [join(env["HOME"] || builtin.os.homedir(), ".kube", "config")];
  return paths.filter((path) => builtin.fs.existsSync(path));
}

/** The access of the current context in the files. Throws an `IncumbentError`. */
export function kubeconfigAccess(paths: readonly string[]): ClusterAccess {
  try {
    const choice = readKubeconfig(paths);
    const plugin = ["exec", "auth-provider"].find((name) => choice.user[name] !== undefined);
    return plugin === undefined ? accessOf(choice) : pluginAccess(paths, plugin);
  } catch (error) {
    if (error instanceof IncumbentError) throw error;
    const said = redact(error instanceof Error ? error.message : String(error));
    const rule = `must lead to a kubeconfig that can be used: ${said}`;
    const example = "a file that works with: kubectl get leases";
    throw invalid({ name: "KUBECONFIG", rule, value: paths.join(delimiter), example });
  }
}

function accessOf({ context, cluster, user }: KubeconfigChoice): ClusterAccess {
  const server = textOf(cluster["server"]);
  if (server === undefined || !URL.canParse(server)) throw new Error("its cluster has no server");
  if (textOf(cluster["proxy-url"]) !== undefined) throw new Error("it has a proxy-url");
  const tls = {
    ca: pemOf(cluster, "certificate-authority"),
    cert: pemOf(user, "client-certificate"),
    key: pemOf(user, "client-key"),
    servername: textOf(cluster["tls-server-name"]),
    // The user's own choice.
    rejectUnauthorized: cluster["insecure-skip-tls-verify"] === "true" ? false : undefined,
  };
  return {
    server: new URL(server),
    namespace: textOf(context["namespace"]) ?? "default",
    credentials: async () => ({ tls, headers: await headersOf(user) }),
  };
}

async function headersOf(user: Fields): Promise<Record<string, string>> {
  const [token, file] = [textOf(user["token"]), textOf(user["tokenFile"])];
  const bearer = file === undefined ? token : await readToken(file);
  if (bearer !== undefined) return { authorization: `Bearer ${bearer}` };
  const name = textOf(user["username"]);
  if (name === undefined) return {};
  const pair = Buffer.from(`${name}:${textOf(user["password"]) ?? ""}`).toString("base64");
  return { authorization: `Basic ${pair}` };
}

/** Programs that give out credentials are started by the package that everyone uses for it. */
function pluginAccess(paths: readonly string[], plugin: string): ClusterAccess {
  const config: KubeConfigClient | undefined = newKubeConfig(paths);
  if (config !== undefined) return kubeConfigAccess(config);
  throw new IncumbentError(
    "INCUMBENT_MISSING_PACKAGE",
    `The user in the kubeconfig has "${plugin}", for which @kubernetes/client-node is needed: npm install @kubernetes/client-node.`,
  );
}
