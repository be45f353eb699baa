import { StoreError } from "../../errors.ts";
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
import { checkQuarantine, type GuardSettings } from "./guard-settings.ts";
import { type Acquaintance, type KnownServer, KnownServers, stranger } from "./known-servers.ts";
import type { RedisClient } from "./redis-client.ts";
import { RedisConnection, type Wait } from "./redis-connection.ts";
import { isAcrossSlots, isNoScript } from "./redis-errors.ts";
import {
  type GuardedReply,
  parseHolder,
  parseReply,
  parseScan,
  type ScriptReply,
  splitNote,
  unexpected,
} from "./redis-reply.ts";
import { digestOf, type ScriptName, scripts, scriptsSince7 } from "./redis-scripts.ts";
import type { Timer } from "./redis-timer.ts";

export type { KnownServer };

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

/** A lease that was asked for or is held: what the guarded scripts take. */
type LeaseRequest = AcquireRequest | RenewRequest;

/**
 * How much of a time on our clock has passed for sure: our clock may run faster than the server's, in the
 * simulation by a fifth. If another server seemed to have been heard from longer ago than it was, its leases
 * would not be waited for.
 */
const SURELY_PASSED = 0.8;

/** How often one request may be repeated because the server turned out to be another one. */
const INTRODUCTIONS = 4;

/** Leases on one server: the scripts, the connection that they go over, and whom we talk to. */
export class RedisNode {
  readonly #connection: RedisConnection;
  readonly #settings: GuardSettings;
  readonly #known = new KnownServers();

  /** Connects nothing yet. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
  constructor(client: RedisClient | string, settings: GuardSettings, timer?: Timer) {
    this.#settings = settings;
    this.#connection = new RedisConnection(client, timer);
  }

  /** What the server last said of itself. */
  get known(): KnownServer | undefined {
    return this.#known.latest;
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when leases of this ttl, in ms, are longer than the quarantine. */
  checkTtl(ttl: number): void {
    checkQuarantine(this.#settings, ttl);
  }

  async acquire(request: AcquireRequest, ballot: Ballot = alone): Promise<Vote> {
    const { status, rest } = await this.#decide("acquire", request, request.above, ballot);
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

  async renew(request: RenewRequest, ballot: Ballot = alone): Promise<Consent> {
    const { status, rest } = await this.#decide("renew", request, request.token, ballot);
    if (status === "renewed") return { renewed: true, how: holdOf(rest) };
    if (status === "superseded") {
      return { renewed: false, reason: status, leader: parseHolder(rest) };
    }
    if (status === "late") return { renewed: false, reason: status, leader: undefined };
    throw unexpected(status);
  }

  /** `quietly`: without a hint, since what is released kept no candidate from leading. */
  async release(request: ReleaseRequest, { quietly = false } = {}): Promise<ReleaseReply> {
    const args = [request.nonce, quietly ? "" : channelOf(request.key)];
    const { status } = parseReply(await this.#run("release", [request.key], args, request));
    return { released: status === "released" };
  }

  async read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    return parseHolder(parseReply(await this.#run("read", [request.key], [], request)).rest);
  }

  /** Has the server say who it is, and changes nothing there. */
  async introduce(request: LeaseRequest, onSeen: Ballot["onSeen"]): Promise<void> {
    await this.#ask("acquire", request, 0, { proposal: "", onSeen }, stranger);
  }

  /** The keys of all elections: looks at every hash of the database, a thousand at a time. */
  async keys(wait: Wait): Promise<string[]> {
    const found = new Set<string>();
    let cursor = "0";
    do {
      const scan = ["SCAN", cursor, "TYPE", "hash", "COUNT", "1000"];
      const [next, keys] = parseScan(await this.#connection.send(scan, wait));
      // The client puts its prefix before the key of HGET, and takes none from those of SCAN.
      const { keyPrefix } = this.#connection;
      const prefixed = keys.filter((key) => key.startsWith(keyPrefix));
      const ours = prefixed.map(async (full) => {
        const key = full.slice(keyPrefix.length);
        // A signal of its own: Node.js warns of more than ten listeners on one.
        const own = { ...wait, signal: AbortSignal.any([wait.signal]) };
        const format = await this.#connection.send(["HGET", key, "incumbent"], own);
        if (format !== null) found.add(key);
      });
      await Promise.all(ours);
      cursor = next;
    } while (cursor !== "0");
    return [...found];
  }

  /**
   * Listens to what is published of an election: `released` or `changed`, and the token. `undefined` in
   * place of a message: subscribed anew, and something may have gone unheard.
   */
  watch(key: string, onMessage: (message: string | undefined) => void): () => void {
    return this.#connection.subscribe(channelOf(key), onMessage);
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** A script with the guard, repeated when the server is not the one we thought we were talking to. */
  async #decide(
    name: ScriptName,
    request: LeaseRequest,
    token: number,
    ballot: Ballot,
  ): Promise<ScriptReply> {
    const { clock, notAfter } = request;
    for (let introduction = 0; introduction < INTRODUCTIONS; introduction += 1) {
      const answer = await this.#ask(name, request, token, ballot);
      const outdated = answer.status === "late" && clock.now() < notAfter;
      if (answer.status !== "server" && !outdated) return answer;
    }
    const message = "The Redis server changed its identity or clock during the request.";
    throw new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "no" });
  }

  async #ask(
    name: ScriptName,
    request: LeaseRequest,
    token: number,
    ballot: Ballot,
    acquaintance = this.#known.of(request.key),
  ): Promise<ScriptReply> {
    const { key } = request;
    const isStamped = acquaintance.server !== undefined && this.#known.isSingle;
    const keys = isStamped ? [key, this.#settings.stampKey] : [key];
    const args = this.#arguments(request, acquaintance, token, ballot);
    const sentAt = request.clock.now();
    // Too late to count, but it says which server the address led to.
    const onLate = (reply: unknown) => {
      const { server } = this.#known.of(key);
      if (server === undefined || server.at <= sentAt) {
        this.#heard(request, reply, alone, { server, elsewhere: undefined });
      }
    };
    try {
      const reply = await this.#run(name, keys, args, { ...request, onLate });
      return this.#heard(request, reply, ballot, acquaintance);
    } catch (error) {
      if (!isStamped || !isAcrossSlots(error)) throw error;
      // An address of several servers that calls itself one, such as a proxy.
      this.#known.separateKeys();
      return this.#ask(name, request, token, ballot);
    }
  }

  #heard(
    { key, clock }: LeaseRequest,
    reply: unknown,
    { onSeen }: Ballot,
    { elsewhere }: Acquaintance,
  ): ScriptReply {
    const { note, seen, answer }: GuardedReply = splitNote(parseReply(reply));
    const isCarriedOut = answer.status !== "server" && answer.status !== "late";
    this.#known.heard(key, note, clock.now(), isCarriedOut ? elsewhere : undefined);
    onSeen(seen);
    return answer;
  }

  #arguments(
    { nonce, nodeId, metadata, ttl, notAfter, key, clock }: LeaseRequest,
    { server, elsewhere }: Acquaintance,
    token: number,
    { proposal }: Ballot,
  ): string[] {
    return [
      server?.run ?? "",
      // The server read its clock before `at`, so this errs on the early side.
      server === undefined ? "0" : micros(server.micros / 1000 + (notAfter - server.at)),
      micros(this.#settings.quarantine ?? ttl),
      this.#settings.restartGuard ? "1" : "0",
      ...[nonce, nodeId, metadata ?? "", micros(ttl), channelOf(key), String(token), proposal],
      elsewhere === undefined ? "" : micros((clock.now() - elsewhere) * SURELY_PASSED),
    ];
  }

  async #run(
    name: ScriptName,
    keys: readonly string[],
    args: readonly string[],
    wait: Wait,
  ): Promise<unknown> {
    const script = ((this.#known.latest?.version ?? 0) >= 7 ? scriptsSince7 : scripts)[name];
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return await this.#connection.send(["EVALSHA", await digestOf(script), ...rest], wait);
    } catch (error) {
      if (!isNoScript(error)) throw error;
      return await this.#connection.send(["EVAL", script, ...rest], wait);
    }
  }
}

function holdOf([how]: readonly string[]): Hold {
  return how === "joined" || how === "quarantined" ? how : "held";
}

/** Carries the key as a hash tag, so that it belongs to the same slot in Cluster. */
function channelOf(key: string): string {
  return `incumbent:{${key}}`;
}

function micros(ms: number): string {
  return Math.round(ms * 1000).toFixed(0);
}
