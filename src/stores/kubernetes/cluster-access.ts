import type { TlsSettings } from "../http/http-client.ts";

/** How a request is let in. */
export interface Credentials {
  readonly tls: TlsSettings;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the API server is, and how to be let in. */
export interface ClusterAccess {
  readonly server: URL;
  /** The namespace that it names itself. */
  readonly namespace: string;
  /** Asked for with every request: a token is replaced while the process runs. */
  credentials(): Promise<Credentials>;
}
