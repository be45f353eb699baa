import { invalid } from "../../../input.ts";
import { type Address, addressOf, hostOf, placeOf } from "./address.ts";
import type { TlsSettings } from "./client-options.ts";

/** The part of a client of Valkey GLIDE (`@valkey/valkey-glide` 2) that its types promise: how it is recognised. */
export interface GlideClient {
  readonly options?: undefined;
  customCommand(args: string[]): Promise<unknown>;
  invokeScript(script: never): Promise<unknown>;
  updateConnectionPassword(password: string | null): Promise<unknown>;
}

/** A cluster client of Valkey GLIDE. */
export interface GlideClusterClient extends GlideClient {
  pubsubShardChannels(): Promise<unknown>;
}

/** With which settings a client of GLIDE was made. */
export interface GlideSettings {
  /** Where it looks for servers first. */
  readonly addresses: readonly Address[];
  /** Where it reaches a server that calls itself so. */
  reach(address: Address): Address;
  /** The URL of the server at this address, with user, password and database. */
  hrefOf(address: Address): string;
  readonly database: number;
  readonly connectionName: string | undefined;
  readonly tls: TlsSettings | undefined;
}

/** What a client of GLIDE keeps of the settings it was made with. */
interface GlideConfiguration {
  readonly addresses: readonly { readonly host: string; readonly port?: number }[];
  readonly databaseId?: number;
  readonly clientName?: string;
  readonly useTLS?: boolean;
  readonly credentials?: {
    readonly username?: string;
    readonly password?: string;
    readonly iamConfig?: object;
  };
  readonly advancedConfiguration?: {
    readonly tlsAdvancedConfiguration?: {
      readonly insecure?: boolean;
      readonly rootCertificates?: string | Buffer;
    };
  };
  addressResolver?(host: string, port: number): readonly [host: string, port: number];
}

const PORT = 6379;

/** Whether a client is one of GLIDE, for one server or for a cluster. */
export function isGlide(client: object): client is GlideClient {
  return "customCommand" in client && "invokeScript" in client;
}

export function isGlideCluster(client: object): client is GlideClusterClient {
  return isGlide(client) && "pubsubShardChannels" in client;
}

/** Reads how the client connects. Throws `INCUMBENT_INVALID_OPTION` if its settings are not to be had or not to be used. */
export function glideSettings(client: GlideClient): GlideSettings {
  const configuration = configurationOf(client);
  const { addresses, databaseId = 0, clientName, credentials } = configuration;
  if (credentials?.iamConfig !== undefined) {
    const rule =
      "must have a password: the tokens of IAM are made inside @valkey/valkey-glide, and only for its own connections";
    throw invalid({
      name: "credentials of the client",
      rule,
      value: "iamConfig",
      example: EXAMPLE,
    });
  }
  // One that is named twice would be two primaries.
  const places = [...new Set(addresses.map(({ host, port = PORT }) => addressOf({ host, port })))];
  const bad = places.find((address) => !URL.canParse(`redis://${hostOf(address)}`));
  if (places.length === 0 || bad !== undefined) {
    const rule = "must be at least one host and port, without brackets or a scheme";
    throw invalid({ name: "addresses of the client", rule, value: bad ?? places, example: PLACE });
  }
  const scheme = configuration.useTLS === true ? "rediss" : "redis";
  return {
    addresses: places,
    database: databaseId,
    reach: (address) => resolved(configuration, address),
    hrefOf: (address) => {
      const url = new URL(`${scheme}://${hostOf(address)}/${databaseId}`);
      url.username = encodeURIComponent(credentials?.username ?? "");
      url.password = encodeURIComponent(credentials?.password ?? "");
      return url.href;
    },
    connectionName: clientName,
    tls: tlsOf(configuration),
  };
}

const PLACE = '[{ host: "10.0.0.1", port: 6379 }]';
const EXAMPLE = 'credentials: { username: "app", password }, or a URL';

function configurationOf(client: GlideClient): GlideConfiguration {
  // Its types call this private; it is there in versions 2.0 to 2.5.
  const configuration: unknown = Reflect.get(client, "config");
  if (typeof configuration === "object" && configuration !== null && "addresses" in configuration) {
    return configuration as GlideConfiguration;
  }
  const rule =
    "must be a client of @valkey/valkey-glide that shows its configuration; or pass a URL";
  throw invalid({ name: "client", rule, value: client, example: '"redis://127.0.0.1:6379"' });
}

function tlsOf({ useTLS, advancedConfiguration }: GlideConfiguration): TlsSettings | undefined {
  const { insecure, rootCertificates } = advancedConfiguration?.tlsAdvancedConfiguration ?? {};
  if (useTLS !== true) return undefined;
  return {
    ...(rootCertificates === undefined ? {} : { ca: String(rootCertificates) }),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
  };
}

/** As GLIDE does: with the address as it is, if it cannot be resolved. */
function resolved({ addressResolver }: GlideConfiguration, address: Address): Address {
  if (addressResolver === undefined) return address;
  const place = placeOf(address);
  try {
    const [host, port] = addressResolver(place.host, place.port);
    return addressOf({ host, port });
  } catch {
    return address;
  }
}
