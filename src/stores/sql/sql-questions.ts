import type { Question } from "../connections/asked-request.ts";
import type { Guard } from "../guard-options.ts";
import type {
  AcquireReply,
  AcquireRequest,
  LeaseRecord,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
} from "../lease-store.ts";
import { fromText, toText } from "../stored-text.ts";
import type { KnownServer } from "./known-server.ts";
import type { SqlHolder, SqlName, SqlReply, SqlRequest } from "./sql-request.ts";

type Asks<Answer> = Question<SqlName, SqlReply, Answer>;

/** One question of each kind, and how its answer is read. */
export const sqlQuestions = {
  acquire: (request: AcquireRequest): Asks<AcquireReply> => ({
    ...{ name: "acquire", request, fields: fieldsOf(request, request.above), parse: voteOf },
  }),
  renew: (request: RenewRequest): Asks<RenewReply> => ({
    ...{ name: "renew", request, fields: fieldsOf(request, request.token), parse: consentOf },
    renews: request.nonce,
  }),
  release: (request: ReleaseRequest): Asks<ReleaseReply> => ({
    ...{ name: "release", request, fields: [request.nonce] },
    parse: ({ status }) => ({ released: status === "released" }),
  }),
  read: (request: StoreRequest): Asks<LeaseRecord | undefined> => ({
    ...{ name: "read", request, fields: [], parse: ({ holder }) => leaderOf(holder) },
  }),
};

function fieldsOf(request: AcquireRequest | RenewRequest, token: number): readonly string[] {
  const { nonce, nodeId, metadata, ttl } = request;
  return [nonce, toText(nodeId), toStored(metadata), micros(ttl), String(token)];
}

/** What a statement has to know of a request; times in µs. */
export interface SqlWish {
  readonly key: string;
  readonly nonce: string;
  readonly node_id: string;
  readonly metadata: string;
  readonly ttl: number;
  /** Of the term, or what a new one must be above. */
  readonly token: number;
  /** The not-after, on the server's clock. */
  readonly last: number;
  /** How long a forgotten lease may be believed in. */
  readonly quarantine: number;
}

/** The request in the server's terms. */
export function wishOf(
  { request, fields }: SqlRequest,
  server: KnownServer,
  guard: Guard,
): SqlWish {
  const [nonce = "", node_id = "", metadata = "", ttl = "0", token = "0"] = fields;
  return {
    key: toText(request.key),
    ...{ nonce, node_id, metadata },
    ttl: Number(ttl),
    token: Number(token),
    last: server.lastMoment(request),
    quarantine: Math.max((guard.quarantine ?? 0) * 1000, Number(ttl)),
  };
}

function voteOf(reply: SqlReply): AcquireReply {
  const { status, token, since } = reply;
  switch (status) {
    case "granted":
      return { granted: true, token: Number(token), since: Math.floor(Number(since) / 1000) };
    case "held":
    case "quarantine":
    case "late": {
      const leader = leaderOf(reply.holder);
      const retryIn = status === "quarantine" ? Number(reply.waits) / 1000 : leader?.expiresIn;
      return {
        granted: false,
        reason: status,
        leader,
        retryIn,
        applied: reply.own === true ? "maybe" : "no",
      };
    }
    default:
      throw new TypeError(`no answer to acquire: ${status}`);
  }
}

function consentOf({ status }: SqlReply): RenewReply {
  if (status === "renewed") return { renewed: true };
  return { renewed: false, reason: status === "late" ? "late" : "superseded" };
}

function leaderOf(holder: SqlHolder | null | undefined): LeaseRecord | undefined {
  if (holder === null || holder === undefined) return undefined;
  const { node, token, since, left, metadata, ttl } = holder;
  return {
    nodeId: fromText(node),
    token,
    since: Math.floor(since / 1000),
    expiresIn: left / 1000,
    metadata: fromStored(metadata),
    ttl: ttl / 1000,
  };
}

/** No metadata is stored as an empty text, and an empty one in JSON. */
function toStored(metadata: string | undefined): string {
  return metadata === "" ? '""' : toText(metadata ?? "");
}

function fromStored(metadata: string): string | undefined {
  return metadata === "" ? undefined : fromText(metadata);
}

function micros(ms: number): string {
  return String(Math.round(ms * 1000));
}
