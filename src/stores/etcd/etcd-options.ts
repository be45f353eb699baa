/** How an {@link EtcdStore} may be set up. All of it may stand in the URL instead, with the same names. */
export interface EtcdStoreOptions {
  /** The user, if authentication is enabled. */
  readonly user?: string | undefined;
  /** Its password. */
  readonly password?: string | undefined;
  /**
   * What the keys of all elections begin with.
   * @defaultValue "incumbent/"
   */
  readonly prefix?: string | undefined;
  /**
   * Whether a candidate waits one ttl if there is no record of the election, or one from the past: the data may have
   * been lost while another process leads. Without it, the first election of all begins at once.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
  /** The file with the certificate of the authority that signed those of the servers, for `etcds://`. */
  readonly caFile?: string | undefined;
  /** The file with the certificate of this client, if the servers ask for one. */
  readonly certFile?: string | undefined;
  /** The file with its key. */
  readonly keyFile?: string | undefined;
}

/** The names of all options. */
export const etcdOptionNames: readonly (keyof EtcdStoreOptions)[] = [
  ...(["user", "password", "prefix", "restartGuard"] as const),
  ...(["caFile", "certFile", "keyFile"] as const),
];
