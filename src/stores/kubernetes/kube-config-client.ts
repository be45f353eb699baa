import type { OutgoingHttpHeaders } from "node:http";
import type { RequestOptions } from "node:https";
import { StoreError } from "../../errors.ts";
import { invalid } from "../../input.ts";
import { optionalPackage } from "../../optional-package.ts";
import { redact } from "../../redact.ts";
import type { TlsSettings } from "../http/http-client.ts";
import type { ClusterAccess, Credentials } from "./cluster-access.ts";

/** What is used of a `KubeConfig` of `@kubernetes/client-node` (1 or 2). */
export interface KubeConfigClient {
  getCurrentContext(): string;
  getContextObject(name: string): { readonly namespace?: string | undefined } | null;
  getCurrentCluster(): { readonly server: string; readonly proxyUrl?: string | undefined } | null;
  applyToHTTPSOptions(options: RequestOptions): Promise<void>;
}

/** A `KubeConfig` with these files in it; nothing if the package is not installed. */
export function newKubeConfig(paths: readonly string[]): KubeConfigClient | undefined {
  const found = optionalPackage("@kubernetes/client-node");
  if (found === undefined) return undefined;
  // Of all its exports, this class is used, by methods that it has had since version 1.
  const { KubeConfig } = found as { readonly KubeConfig: new () => LoadingKubeConfig };
  const [first, ...others] = paths.map((path) => {
    const config = new KubeConfig();
    config.loadFromFile(path);
    return config;
  });
  for (const other of others) first?.mergeConfig(other);
  return first;
}

interface LoadingKubeConfig extends KubeConfigClient {
  loadFromFile(path: string): void;
  mergeConfig(other: KubeConfigClient): void;
}

export function isKubeConfig(value: unknown): value is KubeConfigClient {
  return (
    typeof value === "object" &&
    value !== null &&
    ["applyToHTTPSOptions", "getCurrentCluster", "getCurrentContext", "getContextObject"].every(
      (name) => name in value,
    )
  );
}

/** The access that a `KubeConfig` describes. Throws `INCUMBENT_INVALID_OPTION`. */
export function kubeConfigAccess(config: KubeConfigClient): ClusterAccess {
  const cluster = config.getCurrentCluster();
  const complain = (rule: string) =>
    invalid({ name: "client", rule, value: config, example: "kubeConfig.loadFromDefault()" });
  if (cluster === null || !URL.canParse(cluster.server)) {
    throw complain("must be a KubeConfig whose current context has a cluster with a server");
  }
  if (cluster.proxyUrl) throw complain("must be a KubeConfig without a proxy-url");
  return {
    server: new URL(cluster.server),
    namespace: config.getContextObject(config.getCurrentContext())?.namespace || "default",
    credentials: () => credentialsOf(config),
  };
}

/** Asks it for every request: it starts a program for credentials again when they have expired. */
async function credentialsOf(config: KubeConfigClient): Promise<Credentials> {
  const options: RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    const said = redact(error instanceof Error ? error.message : String(error));
    const message = `The kubeconfig gave no credentials for Kubernetes: ${said}`;
    throw new StoreError("INCUMBENT_STORE_MISCONFIGURED", message, { applied: "no" });
  }
  const { ca, cert, key, servername, rejectUnauthorized, headers = {}, auth } = options;
  const basic = auth && { authorization: `Basic ${Buffer.from(auth).toString("base64")}` };
  return {
    // Connections are shared by requests with the same settings, so its agent, which is another each time, is not used.
    tls: { ca, cert, key, servername, rejectUnauthorized } as TlsSettings, // PEM, as of every kubeconfig.
    headers: { ...basic, ...textsOf(headers as OutgoingHttpHeaders) }, // It sets an object of its own.
  };
}

function textsOf(headers: OutgoingHttpHeaders): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), String(value)]],
  );
  return Object.fromEntries(entries);
}
