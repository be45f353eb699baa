import type { AddressMap } from "./address.ts";

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
  readonly natMap?: AddressMap | undefined;
}

/** The part of the options of `createSentinel` that is read. */
export interface NodeRedisSentinelOptions {
  readonly name: string;
  readonly sentinelRootNodes: readonly { readonly host: string; readonly port: number }[];
  readonly RESP?: number;
  readonly nodeAddressMap?: AddressMap;
  readonly nodeClientOptions?: { readonly socket?: object };
  readonly sentinelClientOptions?: { readonly socket?: object };
}

/** What TLS needs beyond what the system trusts. */
export interface TlsSettings {
  /** In place of the system's, in PEM. */
  readonly ca?: string;
  /** `false`: any certificate will do, if the user has chosen so. */
  readonly rejectUnauthorized?: false;
}
