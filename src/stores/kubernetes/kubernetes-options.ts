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
