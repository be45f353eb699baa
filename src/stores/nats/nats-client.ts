import { IncumbentError } from "../../errors.ts";
import { optionalPackage } from "../../optional-package.ts";

/** What this store uses of a connection of `@nats-io/transport-node`. */
export interface NatsClient {
  request(
    subject: string,
    payload: string,
    options: { timeout: number; headers?: NatsHeaders },
  ): Promise<NatsMessage>;
  subscribe(
    subject: string,
    options: { callback(error: Error | null, message: NatsMessage): void },
  ): { unsubscribe(): void };
  /** Resolves when the connection has ended, however it did. */
  closed(): Promise<unknown>;
  isClosed(): boolean;
  close(): Promise<void>;
}

/** A message of a server. */
export interface NatsMessage {
  readonly reply?: string | undefined;
  readonly headers?: NatsHeaders | undefined;
  string(): string;
}

/** The headers of a message. */
export interface NatsHeaders {
  /** Of a message that is about the subscription; 0 if it is a message of a subject. */
  readonly code: number;
  get(name: string): string;
  set(name: string, value: string): void;
}

/** What this store uses of `@nats-io/transport-node`. */
export interface NatsPackage {
  connect(options: object): Promise<NatsClient>;
  createInbox(prefix?: string): string;
  headers(): NatsHeaders;
}

/** Throws `INCUMBENT_MISSING_PACKAGE`. */
export function natsPackage(): NatsPackage {
  // What it exports is for its own documentation to say.
  const found = optionalPackage("@nats-io/transport-node") as NatsPackage | undefined;
  if (found !== undefined) return found;
  const message = "A NatsStore needs a client of NATS: npm install @nats-io/transport-node.";
  throw new IncumbentError("INCUMBENT_MISSING_PACKAGE", message);
}
