import type { Question } from "../connections/asked-request.ts";
import { RequestQueue } from "../connections/request-queue.ts";
import type { Timer } from "../connections/timer.ts";
import { examine } from "../diagnosis.ts";
import type { Examination, Finding } from "../lease-store.ts";
import type { RedisClient } from "./client/redis-client.ts";
import { redisKind } from "./client/redis-errors.ts";
import { RedisConnection, type ServerSource, type Wait } from "./connection/redis-connection.ts";
import { redisChecks } from "./diagnosis/redis-diagnosis.ts";
import type { GuardSettings } from "./guard-settings.ts";
import { type KnownServer, KnownServers } from "./script/known-servers.ts";
import { parseScan, type ScriptReply } from "./script/redis-reply.ts";
import type { ScriptName } from "./script/redis-scripts.ts";
import { type Membership, ScriptCalls } from "./script/script-calls.ts";
import type { Transport } from "./transport.ts";

/** One server: the connection to it, and the calls of the script that go over it. */
export class SingleServer implements Transport {
  readonly #connection: RedisConnection;
  readonly #settings: GuardSettings;
  readonly #isMember: boolean;
  readonly #known: KnownServers;
  readonly #calls: ScriptCalls;
  readonly #scripts: RequestQueue<ScriptName, ScriptReply, readonly string[]>;

  /** Connects nothing yet. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
  constructor(
    client: RedisClient | string | ServerSource,
    settings: GuardSettings,
    timer: Timer,
    membership?: Membership,
  ) {
    this.#connection = new RedisConnection(client, timer, settings.unref);
    this.#settings = settings;
    this.#isMember = membership !== undefined;
    this.#known = membership?.known ?? new KnownServers();
    const { keyPrefix } = this.#connection;
    this.#calls = new ScriptCalls(settings, this.#known, keyPrefix, membership);
    this.#scripts = new RequestQueue(redisKind, this.#connection, this.#calls, timer);
  }

  get known(): KnownServer | undefined {
    return this.#known.latest;
  }

  ask<Answer>(question: Question<ScriptName, ScriptReply, Answer>): Promise<Answer> {
    return this.#scripts.ask(question);
  }

  /** Asks a node to which the owner of the slot sent this request while the slot is being moved. */
  askImporting<Answer>(
    question: Question<ScriptName, ScriptReply, Answer>,
    owner: string,
  ): Promise<Answer> {
    this.#calls.expect(question.request, owner);
    return this.#scripts.ask(question);
  }

  /** As {@link RedisConnection.send}. */
  send(args: readonly string[], wait: Wait): Promise<unknown> {
    return this.#connection.send(args, wait);
  }

  /** Whether it was connected or asked before, and neither has worked out. */
  isOverdue(wait: Pick<Wait, "clock" | "notAfter">): boolean {
    return this.#connection.lines.isOverdue(wait);
  }

  /** Looks at every hash of the database, a thousand at a time. */
  async keys(
    wait: Wait,
    isElection = (key: string, own: Wait) => this.isElection(key, own),
  ): Promise<string[]> {
    const found = new Set<string>();
    let cursor = "0";
    do {
      const scan = ["SCAN", cursor, "TYPE", "hash", "COUNT", "1000"];
      const [next, keys] = parseScan(await this.send(scan, wait));
      // The client puts its prefix before the key of HGET, and takes none from those of SCAN.
      const { keyPrefix } = this.#connection;
      const prefixed = keys.filter((key) => key.startsWith(keyPrefix));
      const ours = prefixed.map(async (full) => {
        const key = full.slice(keyPrefix.length);
        // A signal of its own: Node.js warns of more than ten listeners on one.
        const own = { ...wait, signal: AbortSignal.any([wait.signal]) };
        if (await isElection(key, own)) found.add(key);
      });
      await Promise.all(ours);
      cursor = next;
    } while (cursor !== "0");
    return [...found];
  }

  /** Whether the hash at this key is an election. */
  async isElection(key: string, wait: Wait): Promise<boolean> {
    return (await this.send(["HGET", key, "incumbent"], wait)) !== null;
  }

  watch(key: string, onMessage: (message: string | undefined) => void): () => void {
    return this.#connection.subscribe(channelOf(key), onMessage);
  }

  /** Listens to the channel of an election in the shard of this node. */
  watchShard(channel: string, onMessage: (message: string) => void): () => void {
    return this.#connection.subscribeShard(channel, onMessage);
  }

  diagnose(examination: Examination, name?: string): AsyncIterable<Finding> {
    const checks = redisChecks(this.#connection, this.#settings, this.#isMember);
    return examine(checks, examination, name);
  }

  close(): Promise<void> {
    return this.#scripts.close();
  }
}

/** Carries the key as a hash tag, so that it belongs to the same slot in Cluster. */
function channelOf(key: string): string {
  return `incumbent:{${key}}`;
}
