import { IncumbentError, StoreError } from "../../../errors.ts";
import { type Question, unasked } from "../../connections/asked-request.ts";
import type { Timer } from "../../connections/timer.ts";
import { type Check, error, examine, ok } from "../../diagnosis.ts";
import type { Examination, Finding, StoreRequest } from "../../lease-store.ts";
import type { Address } from "../client/address.ts";
import type { Wait } from "../connection/redis-connection.ts";
import { remedyForReach } from "../diagnosis/redis-remedies.ts";
import type { GuardSettings } from "../guard-settings.ts";
import { type KnownServer, KnownServers } from "../script/known-servers.ts";
import type { ScriptReply } from "../script/redis-reply.ts";
import type { ScriptName } from "../script/redis-scripts.ts";
import type { SingleServer } from "../single-server.ts";
import type { Transport } from "../transport.ts";
import { ClusterNodes } from "./cluster-nodes.ts";
import type { ClusterSource } from "./cluster-source.ts";
import { ClusterWatches } from "./cluster-watches.ts";
import { redirectionOf } from "./redirection.ts";
import { shardChannelOf, tagOf } from "./slot-tags.ts";
import { slotOf } from "./slots.ts";

/** How often one request is sent on because its slot is elsewhere. */
const MOST_REDIRECTIONS = 5;

const DOUBTFUL: readonly string[] = [
  ...["INCUMBENT_STORE_UNAVAILABLE", "INCUMBENT_STORE_TIMEOUT", "INCUMBENT_STORE_REFUSED"],
];

/**
 * The nodes of a Redis Cluster. Each request goes to the node that has the slot of its key, and is sent on if that node
 * says that the slot is elsewhere: then nothing was done. What a client library would do by itself is done here, for
 * it would also send a command again that may have been carried out.
 */
export class RedisCluster implements Transport {
  readonly #keyPrefix: string;
  readonly #known = new KnownServers();
  readonly #nodes: ClusterNodes;
  readonly #watches: ClusterWatches;

  /** Connects nothing yet. */
  constructor(
    source: ClusterSource,
    settings: GuardSettings,
    timer: Timer,
    clock: StoreRequest["clock"],
  ) {
    this.#keyPrefix = source.keyPrefix;
    this.#known.separateKeys();
    const membership = {
      known: this.#known,
      slotOf: (key: string) => this.slotOf(key),
      tagOf: (key: string) => tagOf(this.slotOf(key)),
    };
    this.#nodes = new ClusterNodes(source, settings, { timer, clock }, membership);
    this.#watches = new ClusterWatches(this.#nodes);
    this.#nodes.onMoved = () => this.#watches.place();
  }

  get known(): KnownServer | undefined {
    return this.#known.latest;
  }

  async ask<Answer>(question: Question<ScriptName, ScriptReply, Answer>): Promise<Answer> {
    const { request } = question;
    const slot = this.slotOf(request.key);
    /** While the slot is being moved: by whom the request was sent on. */
    let owner: Address | undefined;
    let address = await this.#ownerOf(slot, request);
    for (let redirections = 0; ; redirections += 1) {
      const server = this.#nodes.at(address);
      if (server.isOverdue(request)) this.#nodes.doubt();
      try {
        return await (owner === undefined
          ? server.ask(question)
          : server.askImporting(question, owner));
      } catch (error) {
        const redirection = redirectionOf(error, address);
        if (redirection === undefined || redirections === MOST_REDIRECTIONS) {
          if (castsDoubt(error)) this.#nodes.doubt();
          throw error;
        }
        owner = redirection.kind === "ask" ? address : undefined;
        address = this.#nodes.reach(redirection.address);
        if (owner === undefined) this.#nodes.learn(redirection.slot, address);
      }
    }
  }

  async keys(wait: Wait): Promise<string[]> {
    await this.#nodes.lookUp();
    const owners = this.#nodes.owners.map((address) => this.#keysAt(address, wait));
    return [...new Set((await Promise.all(owners)).flat())];
  }

  watch(key: string, onMessage: (message: string | undefined) => void): () => void {
    const channel = shardChannelOf(this.#keyPrefix + key);
    return this.#watches.add({ key, channel, slot: this.slotOf(key) }, onMessage);
  }

  readonly #lookUp: Check = {
    ...{ name: "reachable", isBrief: true, isVital: true },
    remedy: remedyForReach,
    run: async () => {
      await this.#nodes.lookUp();
      const { length } = this.#nodes.owners;
      if (length === 0) return [error("No node of the cluster answers.")];
      return [ok(`The cluster has ${length === 1 ? "1 primary" : `${length} primaries`}.`)];
    },
  };

  /** Each node that has slots. */
  async *diagnose(examination: Examination): AsyncGenerator<Finding, void, undefined> {
    yield* examine([this.#lookUp], examination);
    for (const address of this.#nodes.owners) {
      // The store may be closed by now, and must open nothing.
      if (examination.signal.aborted) return;
      yield* this.#nodes.at(address).diagnose(examination, address);
    }
  }

  async close(): Promise<void> {
    this.#watches.close();
    await this.#nodes.close();
  }

  slotOf(key: string): number {
    return slotOf(this.#keyPrefix + key);
  }

  async #ownerOf(slot: number, request: StoreRequest): Promise<Address> {
    const known = this.#nodes.ownerOf(slot);
    if (known !== undefined) return known;
    await whileAwaited(this.#nodes.lookUp(), request);
    const found = this.#nodes.ownerOf(slot);
    // The store was closed meanwhile.
    if (found === undefined) throw unasked();
    return found;
  }

  #keysAt(address: Address, wait: Wait): Promise<string[]> {
    const server: SingleServer = this.#nodes.at(address);
    return server.keys(wait, async (key, own) => {
      try {
        return await server.isElection(key, own);
      } catch (error) {
        if (redirectionOf(error, address) === undefined) throw error;
        return this.#isElection(key, own);
      }
    });
  }

  /** Whether the hash at this key is an election, wherever it has gone. */
  async #isElection(key: string, wait: Wait): Promise<boolean> {
    const request = { notAfter: Number.POSITIVE_INFINITY, ...wait, key };
    try {
      return await this.ask({ name: "read", request, fields: [], parse: () => true });
    } catch (error) {
      if (error instanceof IncumbentError && error.code === "INCUMBENT_KEY_OCCUPIED") return false;
      throw error;
    }
  }
}

/** The answer, as long as the request is waited for. Electors keep their own deadlines; others have a signal. */
async function whileAwaited(answer: Promise<void>, request: StoreRequest): Promise<void> {
  if (request.isAwaited !== undefined) return answer;
  const { signal } = request;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(unasked());
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
  try {
    await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** Whether another node may have the slot by now. */
function castsDoubt(error: unknown): boolean {
  return error instanceof StoreError && DOUBTFUL.includes(error.code);
}
