import { createHash } from "node:crypto";
import type { LeaseStore } from "../../../src/store.ts";
import type { KubeConfigClient } from "../../../src/stores/kubernetes/kube-config-client.ts";
import type { KubernetesStoreOptions } from "../../../src/stores/kubernetes/kubernetes-options.ts";
import {
  type KubernetesEnvironment,
  KubernetesStore,
} from "../../../src/stores/kubernetes/kubernetes-store.ts";

/** A KubeConfig for a server of a test. */
export function configOf(
  server: { readonly url: string; readonly token: string },
  namespace = "default",
): KubeConfigClient {
  return {
    getCurrentContext: () => "test",
    getContextObject: () => ({ namespace }),
    getCurrentCluster: () => ({ server: server.url }),
    applyToHTTPSOptions: async (options) => {
      options.headers = { Authorization: `Bearer ${server.token}` };
      options.rejectUnauthorized = false;
    },
  };
}

/** A store of its own, as another process would have it. */
export function storeOn(
  server: { readonly url: string; readonly token: string },
  options: KubernetesStoreOptions = {},
  environment: Partial<KubernetesEnvironment> = {},
): KubernetesStore {
  return new KubernetesStore(configOf(server), options, environment);
}

/** The keys of the conformance kit by the names that their Leases have. */
const keys = new Map<string, string>();

function nameOf(key: string): string {
  const name = createHash("sha256").update(key).digest("hex");
  keys.set(name, key);
  return name;
}

/** A store that takes any key, as the conformance kit has them. */
export function anyKey(store: KubernetesStore): LeaseStore {
  const named = <Request extends { readonly key: string }>(request: Request): Request =>
    Object.create(request, { key: { value: nameOf(request.key) } });
  return {
    traits: store.traits,
    acquire: (request) => store.acquire(named(request)),
    renew: (request) => store.renew(named(request)),
    release: (request) => store.release(named(request)),
    read: (request) => store.read(named(request)),
    keys: async (wait) => (await store.keys(wait)).map((name) => keys.get(name) ?? name),
    watch: (key, onHint) => store.watch(nameOf(key), onHint),
    close: () => store.close(),
  };
}
