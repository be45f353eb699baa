import type { Timer } from "../connections/timer.ts";
import type {
  AcquireReply,
  AcquireRequest,
  Examination,
  Finding,
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
import type { RedisClient } from "../redis/client/redis-client.ts";
import type { RedisNode, Vote } from "../redis/redis-node.ts";
import type { RedisStoreOptions } from "../redis/redis-options.ts";
import { type Answer, majorityOf, repliesOf, silentIn } from "./majority.ts";
import { Memories, type Memory } from "./memories.ts";
import { nameOf, rejectTwins } from "./node-name.ts";
import { appliedIn, countConsents, countRecords, counts, countVotes } from "./quorum-count.ts";
import { diagnoseServers } from "./quorum-diagnosis.ts";
import {
  describeConsent,
  describeRecord,
  describeVote,
  noMajority,
  voteOnItsWay,
} from "./quorum-errors.ts";
import { QuorumNode } from "./quorum-node.ts";
import { askServers } from "./quorum-round.ts";
import { quorumSettings } from "./quorum-settings.ts";
import { afterSplit, propose } from "./quorum-token.ts";
import { majorityHints } from "./quorum-watch.ts";
import { rejectSameServer } from "./same-server.ts";
import { roundOf, Voters } from "./voters.ts";

/** After so many splits in a row the elector gets an error that says why: it may be more than bad luck. */
const MANY_SPLITS = 8;

/**
 * Leases on several independent Redis (or Valkey) servers, version 6 or later: a lease counts when a
 * majority of them has granted it. A minority may be down, frozen, cut off or wiped.
 *
 * Its connections are its own, two to each server, and stay open until `close()`.
 */
export class RedisQuorumStore implements LeaseStore {
  readonly traits: StoreTraits = {
    name: "redis-quorum",
    exclusion: "strict",
    tokens: "clock",
    clock: "server",
  };
  readonly #nodes: readonly QuorumNode[];
  readonly #majority: number;
  readonly #memories = new Memories();
  readonly #voters = new Voters();

  /**
   * @param servers An ioredis (5, 6) or node-redis (5, 6) client or a URL for each server, the same
   * servers for all candidates. Usually three or five; of an even number, one is for nothing.
   * @param timer is for tests of this package.
   * @throws IncumbentError `INCUMBENT_INVALID_OPTION`; `INCUMBENT_MISSING_PACKAGE` for a URL when
   * neither client is installed.
   */
  constructor(
    servers: readonly (RedisClient | string)[],
    options: RedisStoreOptions = {},
    timer?: Timer,
  ) {
    const settings = quorumSettings(servers, options);
    const names = servers.map(nameOf);
    this.#nodes = servers.map(
      (client, at) => new QuorumNode(names[at] ?? "", client, settings, timer),
    );
    rejectTwins(names, servers);
    this.#majority = majorityOf(servers.length);
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when `alsoLock` gives the election no lock of its own. */
  checkKey(key: string): void {
    for (const { server } of this.#nodes) server.checkKey(key);
  }

  /** Throws `INCUMBENT_INVALID_OPTION` when `quarantine` is shorter. */
  checkTtl(ttl: number): void {
    for (const { server } of this.#nodes) server.checkTtl(ttl);
  }

  async acquire(request: AcquireRequest): Promise<AcquireReply> {
    const { clock, nonce, key } = request;
    const sentAt = clock.now();
    const memory = this.#memories.of(key);
    await this.#introduce(request, memory);
    const token = this.#proposal(request, memory);
    const ballot = { proposal: String(token), onSeen: sawIn(memory) };
    const round = roundOf(request);
    const { count, answers } = await askServers(
      this.#nodes,
      request,
      async (server, signal, index) => {
        const vote = await server.acquire({ ...request, signal }, ballot);
        if (vote.granted) round.votes.add(index);
        return vote;
      },
      (all) => {
        const decided = countVotes(all);
        return decided && { count: decided, answers: all };
      },
    );
    if (count.outcome === "granted") {
      rejectSameServer(this.#nodes);
      this.#voters.won(nonce, round);
      this.#memories.forget(key);
      return { granted: true, token, since: count.since };
    }
    // Asked twice for the same attempt: what the other request has won stays.
    if (this.#voters.of(nonce).size === 0) this.#withdraw(request, answers);
    if (count.outcome === "unheard") throw noMajority(this.#nodes, answers, describeVote);
    const reply = { ...count.reply, applied: appliedIn(answers) };
    if (!count.split) {
      this.#memories.forget(key);
      return reply;
    }
    // Of several candidates of this process that failed together, one counts: they were not in a row.
    if (sentAt >= memory.splitAt) {
      memory.splits += 1;
      memory.splitAt = clock.now();
      if (memory.splits % MANY_SPLITS === 0) throw noMajority(this.#nodes, answers, describeVote);
    }
    const wait = afterSplit(nonce, memory.splits, clock.now() - sentAt);
    return { ...reply, retryIn: Math.min(wait, reply.retryIn ?? wait) };
  }

  async renew(request: RenewRequest): Promise<RenewReply> {
    const { nonce } = request;
    const ballot = { proposal: "join", onSeen: () => {} };
    const round = roundOf(request);
    const outcome = await askServers(
      this.#nodes,
      request,
      async (server, signal, index) => {
        const consent = await server.renew({ ...request, signal }, ballot);
        if (counts(consent, index, this.#voters.of(nonce))) round.votes.add(index);
        return consent;
      },
      (answers) => {
        const count = countConsents(answers, this.#voters.of(nonce));
        if (count === "unheard") throw noMajority(this.#nodes, answers, describeConsent);
        return count;
      },
    );
    if (outcome === "superseded") {
      // What a minority renewed all the same is of no use.
      this.#withdraw(request, []);
      return { renewed: false, reason: "superseded" };
    }
    rejectSameServer(this.#nodes);
    this.#voters.won(nonce, round);
    return { renewed: true };
  }

  /** Resolves when a majority has confirmed it: then the others, if they were left, elect no candidate. */
  release(request: ReleaseRequest): Promise<ReleaseReply> {
    const pending = this.#nodes.map((node) => node.revoke(request.nonce));
    this.#voters.forget(request.nonce);
    return askServers(
      this.#nodes,
      // Without the nonce: what is revoked are votes, and a release that is on its way does no harm.
      { signal: request.signal },
      async (server, signal, index) => {
        const reply = await server.release({ ...request, signal });
        // That it has no vote says nothing while the request for one may still be on its way.
        if (!reply.released && pending[index] === true) throw voteOnItsWay();
        return reply;
      },
      (answers) => {
        const replies = this.#majorityIn(answers, ({ released }) =>
          released ? "released" : "free",
        );
        return replies && { released: replies.some(({ released }) => released) };
      },
    );
  }

  async read(request: StoreRequest): Promise<LeaseRecord | undefined> {
    const { leader } = await askServers(
      this.#nodes,
      request,
      (server, signal) => server.read({ ...request, signal }),
      (answers) => {
        const sighting = countRecords(answers);
        if (sighting === "unheard") throw noMajority(this.#nodes, answers, describeRecord);
        return sighting;
      },
    );
    return leader;
  }

  /** The keys that a majority of the servers knows of, put together. Looks at every hash. */
  async keys(wait: Pick<StoreRequest, "clock" | "signal">): Promise<string[]> {
    const found = await askServers(
      this.#nodes,
      wait,
      (server, signal) => server.keys({ ...wait, signal }),
      (answers) => this.#majorityIn(answers, (keys) => `${keys.length} elections`),
    );
    return [...new Set(found.flat())];
  }

  diagnose(examination: Examination): AsyncIterable<Finding> {
    return diagnoseServers(this.#nodes, examination);
  }

  watch(key: string, onHint: (hint: Hint) => void): () => void {
    const hear = majorityHints(this.#nodes.length, onHint);
    const unwatch = this.#nodes.map(({ server }, index) =>
      server.watch(key, (message) => hear(index, message)),
    );
    return () => {
      for (const stop of unwatch) stop();
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.close()));
  }

  /** Gets to know a majority, before anything is proposed. Rejects if that cannot be. */
  async #introduce(request: AcquireRequest, memory: Memory): Promise<void> {
    const strangers = this.#nodes.filter(({ server }) => server.known === undefined);
    const missing = this.#majority - (this.#nodes.length - strangers.length);
    if (missing <= 0) return;
    // So that it can be revoked, and no other attempt's with it.
    const introduction = `introduction for ${request.nonce}`;
    await askServers(
      strangers,
      { signal: request.signal, nonce: introduction },
      (server, signal) => server.introduce({ ...request, signal }, sawIn(memory)),
      (answers) => {
        if (repliesOf(answers).length >= missing) return true;
        if (silentIn(answers) > 0) return undefined;
        const all = this.#nodes.map((node): Answer<void> => {
          const answer = answers[strangers.indexOf(node)];
          return answer ?? { state: "said", reply: undefined };
        });
        throw noMajority(this.#nodes, all, () => "reached");
      },
    );
    // A slow server gets the proposal without having answered this.
    for (const node of strangers) node.revoke(introduction);
    rejectSameServer(this.#nodes);
  }

  #proposal({ above, clock, ttl }: AcquireRequest, memory: Memory): number {
    const clocks = this.#nodes.flatMap(({ server }) => server.known ?? []);
    const seen = Math.max(memory.seen, above);
    memory.seen = propose({ seen, clocks, now: clock.now(), carry: ttl });
    return memory.seen;
  }

  /** Takes back the votes of what has failed, also those not heard of. Not waited for. */
  #withdraw(request: AcquireRequest | RenewRequest, answers: readonly Answer<Vote>[]): void {
    for (const [index, node] of this.#nodes.entries()) {
      const answer = answers[index];
      if (answer?.state === "said" && !answer.reply.granted) continue;
      node.revoke(request.nonce);
      // Not the request's own signal, whose time may be over.
      const controller = new AbortController();
      const { signal } = controller;
      const release = (server: RedisNode) =>
        server.release({ ...request, signal }, { quietly: true });
      node.ask(controller, undefined, release).catch(() => {});
    }
  }

  /** The replies once a majority has answered; throws when it cannot. */
  #majorityIn<Reply>(
    answers: readonly Answer<Reply>[],
    describe: (reply: Reply) => string,
  ): Reply[] | undefined {
    const replies = repliesOf(answers);
    if (replies.length >= this.#majority) return replies;
    if (replies.length + silentIn(answers) >= this.#majority) return undefined;
    throw noMajority(this.#nodes, answers, describe);
  }
}

function sawIn(memory: Memory): (token: number) => void {
  return (token) => {
    memory.seen = Math.max(memory.seen, token);
  };
}
