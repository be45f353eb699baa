import type { StoreError } from "../../errors.ts";

/** What happens to a connection that had come about. */
export interface ConnectionEvents {
  /** It has gone; what was sent may never be answered. Why, if that is known. */
  lost(error?: unknown): void;
}

/** One connection, the same over all client libraries. It never comes back by itself. */
export interface Driver<Command> {
  /** Rejects with why the connection did not come about, or what the server held against it. */
  connect(): Promise<void>;
  send(command: Command): Promise<unknown>;
  /** Ends the connection at once. */
  end(): void;
}

/** Makes a connection with the settings of this moment. It does not connect yet. */
export type OpenDriver<Command> = (events: ConnectionEvents) => Driver<Command>;

/** What differs between servers of one kind and those of another. */
export interface ServerKind {
  /** As people call it. */
  readonly name: string;
  /** Why it probably does not answer, if that is known. */
  readonly silence?: string;
  /** The error of a command, as one that says whether the command may have been carried out. */
  errorOf(error: unknown): StoreError;
  /** Whether the server is not the one that takes writes: its address may lead elsewhere by now. */
  isElsewhere(error: StoreError): boolean;
}
