/** How a {@link ZookeeperStore} keeps leases. All of it may stand in the URL instead, with the same names. */
export interface ZookeeperStoreOptions {
  /**
   * The node below which the elections are, without its first slash. It is made if it is missing.
   * @defaultValue "incumbent"
   */
  readonly prefix?: string | undefined;
  /** The user, by ZooKeeper's scheme `digest`. The nodes that it makes belong to it alone. */
  readonly user?: string | undefined;
  /** Its password. */
  readonly password?: string | undefined;
  /**
   * Whether a candidate waits one ttl for a lease of which ZooKeeper knows nothing. `false`: elects at once, and two
   * leaders are possible after ZooKeeper has lost its data.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
  /**
   * Whether the connection is encrypted. The port is that of `secureClientPort`.
   * @defaultValue false
   */
  readonly tls?: boolean | undefined;
  /** The file with the certificate of the authority that signed those of the servers, for `tls`. */
  readonly caFile?: string | undefined;
  /** The file with the certificate of this client, if the servers ask for one. */
  readonly certFile?: string | undefined;
  /** The file with its key. */
  readonly keyFile?: string | undefined;
}

/** The names of all options. */
export const zookeeperOptionNames: readonly (keyof ZookeeperStoreOptions)[] = [
  ...(["prefix", "user", "password", "restartGuard"] as const),
  ...(["tls", "caFile", "certFile", "keyFile"] as const),
];
