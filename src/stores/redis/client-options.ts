/** Where a server can be reached from here, if it is not where the Sentinels say. */
export type Detours =
  | Readonly<Record<string, { readonly host: string; readonly port: number }>>
  | ((address: string) => { readonly host: string; readonly port: number } | null | undefined);

/** The part of the options of an ioredis client that is read. */
export interface IoredisOptions {
  readonly keyPrefix?: string | undefined;
  readonly tls?: object | undefined;
  readonly family?: number | undefined;
  readonly name?: string | undefined;
  readonly role?: string | undefined;
  readonly sentinels?:
    | readonly { readonly host?: string; readonly port?: number; readonly family?: number }[]
    | null
    | undefined;
  readonly sentinelUsername?: string | null | undefined;
  readonly sentinelPassword?: string | null | undefined;
  readonly sentinelTLS?: object | undefined;
  readonly enableTLSForSentinelMode?: boolean | undefined;
  readonly natMap?: Detours | undefined;
}

/** The part of the options of `createSentinel` that is read. */
export interface NodeRedisSentinelOptions {
  readonly name: string;
  readonly sentinelRootNodes: readonly { readonly host: string; readonly port: number }[];
  readonly RESP?: number;
  readonly nodeAddressMap?: Detours;
  readonly nodeClientOptions?: { readonly socket?: object };
  readonly sentinelClientOptions?: { readonly socket?: object };
}
