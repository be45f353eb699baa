import type { AskedRequest } from "../connections/asked-request.ts";
import type { ServerNote } from "./known-server.ts";

/** What a server can be asked. */
export type SqlName = "acquire" | "renew" | "release" | "read";

/** What a server can answer: the first two are a yes, the last three a wish to be asked again. */
export type SqlStatus =
  | ("granted" | "renewed" | "released" | "leader")
  | ("held" | "quarantine" | "late" | "superseded" | "none")
  /** It is not the server that the not-after was meant for. */
  | "server"
  /** It may have forgotten something about this election, or has never heard of it. */
  | "unknown"
  /** Another transaction has a lock on the row, or was faster. */
  | "raced";

/** The holder of a live lease, with times in µs and texts as they are stored. */
export interface SqlHolder {
  readonly node: string;
  readonly token: number;
  readonly since: number;
  readonly left: number;
  readonly ttl: number;
  readonly metadata: string;
}

/** The reply to one request, with times in µs. Those to a request for a lease say which server it is. */
export interface SqlReply extends Partial<ServerNote> {
  readonly status: SqlStatus;
  /** Of the lease that was granted. */
  readonly token?: number | null;
  readonly since?: number | null;
  /** Until the quarantine ends. */
  readonly waits?: number | null;
  /** Whether the lease that refuses the request is its own. */
  readonly own?: boolean | null;
  readonly holder?: SqlHolder | null;
}

/** One request to the server. */
export type SqlRequest = AskedRequest<SqlName, SqlReply>;
