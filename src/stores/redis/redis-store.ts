import { StoreError } from "../../errors.ts";
import { invalid, rejectUnknown, wholeNumber } from "../../input.ts";
import type {
  AcquireReply,
  AcquireRequest,
  Hint,
  LeaseRecord,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  StoreRequest,
  StoreTraits,
} from "../lease-store.ts";
import type { RedisClient } from "./redis-client.ts";
import { RedisConnection, type Wait } from "./redis-connection.ts";
import { isNoScript } from "./redis-errors.ts";
import {
  parseHolder,
  parseReply,
  parseScan,
  type ScriptReply,
  type ServerNote,
  splitNote,
  unexpected,
} from "./redis-reply.ts";
import { digestOf, type ScriptName, scripts, scriptsSince7 } from "./redis-scripts.ts";

/** How a {@link RedisStore} guards itself. */
export interface RedisStoreOptions {
  /**
   * After a restart, failover or FLUSHALL nobody is newly elected for one ttl, so that a lease which
   * the server forgot never meets a new one. `false`: elects at once, and two leaders are possible for
   * up to a ttl.
   * @defaultValue true
   */
  readonly restartGuard?: boolean | undefined;
  /**
   * How long that wait is, in ms: at least the longest ttl that any candidate of the key uses.
   * @defaultValue the candidate's own ttl
   */
  readonly quarantine?: number | undefined;
  /**
   * The key under which the server's memory is recognised, shared by all elections on it.
   * @defaultValue "incumbent:server"
   */
  readonly stampKey?: string | undefined;
}

/** The names of all options. */
export const redisStoreOptionNames: readonly (keyof RedisStoreOptions)[] = [
  "restartGuard",
  "quarantine",
  "stampKey",
];

/** A server, and when on our clock it said what its own clock shows. */
interface KnownServer extends ServerNote {
  readonly at: number;
}

/** A lease that was asked for or is held: what the guarded scripts are told. */
type LeaseRequest = AcquireRequest | RenewRequest;

/** How often one request may be repeated because the server turned out to be another one. */
const INTRODUCTIONS = 3;

/**
 * Leases on one Redis (or Valkey) server, version 6 or later; also behind Sentinel.
 *
 * Its two connections are its own, made by copying the user's client or from the URL, with options under
 * which no command waits unseen. They stay open until `close()`.
 */
export class RedisStore implements LeaseStore {
  readonly traits: StoreTraits = { name: "redis", exclusion: "strict", tokens: "clock" };
  readonly #connection: RedisConnection;
  readonly #guarded: boolean;
  readonly #quarantine: number | undefined;
  readonly #stampKey: string;
  #server: KnownServer | undefined;

  /**
   * @param client An ioredis (5, 6) or node-redis (5, 6) client, or a URL `redis://…` or `rediss://…`.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` for a URL when
   * neither client is installed.
   */
  constructor(client: RedisClient | string, options: RedisStoreOptions = {}) {
    rejectUnknown("option", options, redisStoreOptionNames);
    const { restartGuard = true, quarantine, stampKey = "incumbent:server" } = options;
    if (typeof restartGuard !== "boolean") {
      const rule = "must be true or false";
      throw invalid({ name: "restartGuard", rule, value: restartGuard, usual: "true" });
    }
    if (typeof stampKey !== "string" || stampKey === "") {
      const rule = "must be the name of a key";
      throw invalid({ name: "stampKey", rule, value: stampKey, usual: '"incumbent:server"' });
    }
    this.#guarded = restartGuard;
    this.#stampKey = stampKey;
    this.#quarantine =
      quarantine === undefined
        ? undefined
        : wholeNumber("quarantine", quarantine, {
            least: 0,
            most: 2 ** 31 - 1,
            usual: "the longest ttl of any candidate",
          });
    this.#connection = new RedisConnection(client);
  }

  async acquire(request: AcquireRequest): Promise<AcquireReply> {
    const { status, rest } = await this.#decide("acquire", request, request.above);
    const [first = "", second = "", ...holder] = rest;
    switch (status) {
      case "granted":
        return { granted: true, token: Number(first), since: Number(second) / 1000 };
      case "late":
        return { granted: false, reason: "late", leader: undefined, retryIn: undefined };
      case "held":
      case "quarantine": {
        const leader = parseHolder([second, ...holder]);
        const wait = first === "" ? leader?.expiresIn : Number(first) / 1000;
        const retryIn = wait !== undefined && Number.isFinite(wait) ? wait : undefined;
        return { granted: false, reason: status, leader, retryIn };
      }
      default:
        throw unexpected(status);
    }
  }

  async renew(request: RenewRequest): Promise<RenewReply> {
    const { status } = await this.#decide("renew", request, request.token);
    if (status === "renewed") return { renewed: true };
    if (status === "superseded" || status === "late") return { renewed: false, reason: status };
    throw unexpected(status);
  }

  async release(request: ReleaseRequest): Promise<ReleaseReply> {
    const args = [request.nonce, channelOf(request.key)];
    const { status } = await this.#run("release", [request.key], args, request);
    return { released: status === "released" };
  }

  async read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    const { rest } = await this.#run("read", [request.key], [], request);
    return parseHolder(rest);
  }

  /** Looks at every hash of the database, a thousand at a time. */
  async keys(wait: Wait): Promise<string[]> {
    const found = new Set<string>();
    let cursor = "0";
    do {
      const scan = ["SCAN", cursor, "TYPE", "hash", "COUNT", "1000"];
      const [next, keys] = parseScan(await this.#connection.send(scan, wait));
      const ours = keys.map(async (key) => {
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

  watch(key: string, onHint: (hint: Hint) => void): () => void {
    return this.#connection.subscribe(channelOf(key), (message) => {
      // Without a message: subscribed anew, and a release may have gone unheard.
      onHint(message === "changed" ? "changed" : "released");
    });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }

  /** A script with the guard, repeated when the server is not the one we thought we were talking to. */
  async #decide(name: ScriptName, request: LeaseRequest, token: number): Promise<ScriptReply> {
    const { key, clock, notAfter } = request;
    for (let introduction = 0; introduction < INTRODUCTIONS; introduction += 1) {
      const server = this.#server;
      const clustered = server === undefined || server.mode === "cluster";
      const keys = clustered ? [key] : [key, this.#stampKey];
      const reply = await this.#run(name, keys, this.#arguments(request, server, token), request);
      const { note, answer } = splitNote(reply);
      this.#server = { ...note, at: clock.now() };
      const outdated = answer.status === "late" && clock.now() < notAfter;
      if (answer.status !== "server" && !outdated) return answer;
    }
    const message = "The Redis server changed its identity or clock during the request.";
    throw new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "no" });
  }

  #arguments(request: LeaseRequest, server: KnownServer | undefined, token: number): string[] {
    const { nonce, nodeId, metadata, ttl, notAfter, key } = request;
    return [
      server?.run ?? "",
      // The server read its clock before `at`, so this errs on the early side.
      server === undefined ? "0" : micros(server.micros / 1000 + (notAfter - server.at)),
      micros(this.#quarantine ?? ttl),
      this.#guarded ? "1" : "0",
      ...[nonce, nodeId, metadata ?? "", micros(ttl), channelOf(key), String(token)],
    ];
  }

  async #run(
    name: ScriptName,
    keys: readonly string[],
    args: readonly string[],
    wait: Wait,
  ): Promise<ScriptReply> {
    const script = ((this.#server?.version ?? 0) >= 7 ? scriptsSince7 : scripts)[name];
    const rest = [String(keys.length), ...keys, ...args];
    try {
      return parseReply(
        await this.#connection.send(["EVALSHA", await digestOf(script), ...rest], wait),
      );
    } catch (error) {
      if (!isNoScript(error)) throw error;
      return parseReply(await this.#connection.send(["EVAL", script, ...rest], wait));
    }
  }
}

/** Carries the key as a hash tag, so that it belongs to the same slot in Cluster. */
function channelOf(key: string): string {
  return `incumbent:{${key}}`;
}

function micros(ms: number): string {
  return Math.round(ms * 1000).toFixed(0);
}
