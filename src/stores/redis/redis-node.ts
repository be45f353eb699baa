import { invalid } from "../../input.ts";
import { realClock, realTimer, type Timer, unrefTimer } from "../connections/timer.ts";
import { checkQuarantine } from "../guard-options.ts";
import type {
  AcquireReply,
  AcquireRequest,
  Examination,
  Finding,
  LeaseRecord,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
} from "../lease-store.ts";
import { chanceOf } from "./chance.ts";
import type { RedisClient } from "./client/redis-client.ts";
import { type ClusterSource, isClusterSource } from "./cluster/cluster-source.ts";
import { RedisCluster } from "./cluster/redis-cluster.ts";
import type { Wait } from "./connection/redis-connection.ts";
import type { GuardSettings } from "./guard-settings.ts";
import { KnownHolders } from "./known-holders.ts";
import { LockKeys } from "./lock-keys.ts";
import type { KnownServer } from "./script/known-servers.ts";
import { parseHolder, type ScriptReply, unexpected } from "./script/redis-reply.ts";
import { micros } from "./script/script-call.ts";
import { SingleServer } from "./single-server.ts";
import type { Transport } from "./transport.ts";

export type { KnownServer };

/** What the script calls the holder of another library's lock. */
const FOREIGN = "redlock";

/** Answers to acquire; `outbid`: the token that was proposed is not above those of this server. */
export type Vote =
  | AcquireReply
  | { readonly granted: false; readonly reason: "outbid"; readonly retryIn: 0 };

/** How a server has a lease that it renewed. */
export type Hold =
  /** As before. */
  | "held"
  /** It had no lease of this term until now. */
  | "joined"
  /** It may have forgotten what it promised to another candidate. */
  | "quarantined";

/** Answers to renew. `leader`: who stands in the way. */
export type Consent =
  | { readonly renewed: true; readonly how: Hold }
  | (Extract<RenewReply, { renewed: false }> & { readonly leader: LeaseRecord | undefined });

/** What several servers that elect together ask beyond what one is asked. */
export interface Ballot {
  /** The token that the candidate proposes, for acquire; `join` for renew. '' on a server of its own. */
  readonly proposal: string;
  /** Hears what a token must be above to be granted here. */
  readonly onSeen: (token: number) => void;
}

const alone: Ballot = { proposal: "", onSeen: () => {} };

/** Leases on one server or one cluster: what the script is asked, and what its answers mean. */
export class RedisNode {
  readonly #settings: GuardSettings;
  readonly #holders = new KnownHolders();
  readonly #transport: Transport;
  readonly #lockKeys: LockKeys | undefined;

  /** Connects nothing yet. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
  constructor(
    client: RedisClient | string | ClusterSource,
    settings: GuardSettings,
    timer: Timer = settings.unref ? unrefTimer : realTimer,
    clock: StoreRequest["clock"] = realClock,
  ) {
    this.#settings = settings;
    const transport: Transport = isClusterSource(client)
      ? new RedisCluster(client, settings, timer, clock)
      : new SingleServer(client, settings, timer);
    this.#transport = transport;
    const { alsoLock, stampKey } = settings;
    const slotOf = (key: string) => transport.slotOf?.(key);
    if (alsoLock !== undefined) this.#lockKeys = new LockKeys(alsoLock, stampKey, slotOf);
  }

  /** What the server last said of itself. */
  get known(): KnownServer | undefined {
    return this.#transport.known;
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when leases of this ttl, in ms, are longer than the quarantine. */
  checkTtl(ttl: number): void {
    checkQuarantine(this.#settings, ttl);
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when the election can have no key or no lock of its own. */
  checkKey(key: string): void {
    // Its renewals would put an old stamp back after the server has lost its memory: two leaders of other elections.
    if (key === this.#settings.stampKey) {
      const rule = "must be another key than stampKey, which holds the server's stamp";
      throw invalid({ name: "key", rule, value: key, example: '"billing:scheduler"' });
    }
    this.#lockKeys?.check(key);
  }

  async acquire(request: AcquireRequest, ballot: Ballot = alone): Promise<Vote> {
    const vote = await this.#decide("acquire", request, request.above, ballot, voteOf);
    if (vote.granted) this.#holders.set(request.key, request);
    if (vote.granted || vote.reason === "outbid" || vote.leader?.nodeId !== FOREIGN) return vote;
    return { ...vote, retryIn: unevenly(vote.retryIn, request) };
  }

  renew(request: RenewRequest, ballot: Ballot = alone): Promise<Consent> {
    // The short renewal knows of no lock.
    const isShort = this.#settings.alsoLock === undefined;
    if (!isShort || !this.#holders.has(request.key, request)) {
      return this.#renewInFull(request, ballot);
    }
    const { nonce, ttl } = request;
    const fields = [nonce, micros(ttl)];
    const parse = (reply: ScriptReply) =>
      isRenewed(reply) ? held : this.#renewInFull(request, ballot);
    return this.#transport.ask({ name: "prolong", request, fields, renews: nonce, parse });
  }

  async #renewInFull(request: RenewRequest, ballot: Ballot): Promise<Consent> {
    const consent = await this.#decide("renew", request, request.token, ballot, consentOf);
    if (consent.renewed) this.#holders.set(request.key, request);
    else this.#holders.delete(request.key);
    return consent;
  }

  /** `quietly`: without a hint, since what is released kept no candidate from leading. */
  release(request: ReleaseRequest, { quietly = false } = {}): Promise<ReleaseReply> {
    this.#holders.delete(request.key);
    const fields = [request.nonce, quietly ? "" : "1"];
    const parse = ({ status }: ScriptReply) => ({ released: status === "released" });
    return this.#transport.ask({ name: "release", request, fields, parse });
  }

  read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    const parse = ({ rest }: ScriptReply) => parseHolder(rest);
    return this.#transport.ask({ name: "read", request, fields: [], parse });
  }

  /** Has the server say who it is, and changes nothing there. */
  introduce(request: StoreRequest, onSeen: Ballot["onSeen"]): Promise<void> {
    const parse = ({ rest: [seen] }: ScriptReply) => onSeen(Number(seen ?? 0));
    return this.#transport.ask({ name: "introduce", request, fields: [], parse });
  }

  /** The keys of all elections. */
  keys(wait: Wait): Promise<string[]> {
    return this.#transport.keys(wait);
  }

  /**
   * Listens to what is published of an election: `released` or `changed`, and the token. `undefined` in
   * place of a message: subscribed anew, and something may have gone unheard.
   */
  watch(key: string, onMessage: (message: string | undefined) => void): () => void {
    return this.#transport.watch(key, onMessage);
  }

  /** `name`: what the server is called in the findings if it is one of several. */
  diagnose(examination: Examination, name?: string): AsyncIterable<Finding> {
    return this.#transport.diagnose(examination, name);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** A request for a lease, with what the guard needs to know besides. */
  #decide<Answer>(
    name: "acquire" | "renew",
    request: AcquireRequest | RenewRequest,
    token: number,
    { proposal, onSeen }: Ballot,
    parse: (status: string, rest: readonly string[]) => Answer,
  ): Promise<Answer> {
    const { nonce, nodeId, metadata = "", ttl } = request;
    return this.#transport.ask({
      name,
      request,
      fields: [nonce, nodeId, metadata, micros(ttl), String(token), proposal],
      parse: ({ status, rest: [seen, ...rest] }) => {
        onSeen(Number(seen ?? 0));
        return parse(status, rest);
      },
    });
  }
}

const held: Consent = { renewed: true, how: "held" };

function isRenewed({ status }: ScriptReply): boolean {
  if (status !== "renewed" && status !== "more") throw unexpected(status);
  return status === "renewed";
}

function voteOf(status: string, rest: readonly string[]): Vote {
  const [first = "", second = "", ...holder] = rest;
  switch (status) {
    case "granted":
      return { granted: true, token: Number(first), since: Number(second) / 1000 };
    case "outbid":
      return { granted: false, reason: "outbid", retryIn: 0 };
    case "late":
    case "held":
    case "quarantine": {
      const leader = parseHolder(holder);
      const wait = second === "" ? leader?.expiresIn : Number(second) / 1000;
      const retryIn = wait !== undefined && Number.isFinite(wait) ? wait : undefined;
      // The lease is this attempt's own: the request was repeated on its way.
      const applied = first === "1" ? "maybe" : "no";
      return { granted: false, reason: status, leader, retryIn, applied };
    }
    default:
      throw unexpected(status);
  }
}

/**
 * When to ask again for what is locked by another library, in ms. That lock is given back without a hint, and perhaps
 * taken anew in a rhythm of its own: a candidate that asks in an even one could miss every gap (tests of moving over).
 */
function unevenly(remaining = Number.POSITIVE_INFINITY, { ttl, nonce }: AcquireRequest): number {
  return Math.min(remaining, (ttl / 6) * (1 + chanceOf(nonce)));
}

function consentOf(status: string, rest: readonly string[]): Consent {
  if (status === "renewed") {
    const [how] = rest;
    return { renewed: true, how: how === "joined" || how === "quarantined" ? how : "held" };
  }
  if (status === "superseded") {
    return { renewed: false, reason: status, leader: parseHolder(rest) };
  }
  if (status === "late") return { renewed: false, reason: status, leader: undefined };
  throw unexpected(status);
}
