import { StoreError } from "../../../errors.ts";
import type { Wait } from "../../connections/command-connection.ts";
import { CommandConnections } from "../../connections/command-connections.ts";
import { realTimer } from "../../connections/timer.ts";
import { type RedisClient, recognise } from "../client/redis-client.ts";
import type { OpenDriver, Opening } from "../client/redis-driver.ts";
import { redisKind } from "../client/redis-errors.ts";
import { oneShard, type Shard } from "./listening.ts";
import { copiesOf } from "./redis-copies.ts";
import { driversFor } from "./redis-packages.ts";
import { RedisSubscriber } from "./redis-subscriber.ts";

export type { Wait };

/** How one server is reached. */
export interface ServerSource {
  /** What the client puts before every key. */
  readonly keyPrefix: string;
  readonly open: OpenDriver;
  /** For a node of a cluster, if its client library knows channels of shards. */
  readonly shard?: ShardSource | undefined;
}

interface ShardSource extends Shard {
  /** Makes a connection for channels alone. */
  readonly open: OpenDriver;
}

/**
 * Connections of our own to one server: one for commands, one for channels, and on a node of a cluster one for channels
 * of its shard. The user's client is only copied: in its connection a blocking command of the user's would hold up a
 * renewal, and one that is half open could not be ended.
 */
export class RedisConnection {
  /** What the client puts before every key that it sends. */
  readonly keyPrefix: string;
  /** Those for commands. */
  readonly lines: CommandConnections<readonly string[]>;
  /** Makes one more connection, which is the caller's. */
  readonly open: OpenDriver;
  /** The same for channels of a shard, on a node of a cluster. */
  readonly openShard: OpenDriver | undefined;
  readonly #subscriber: RedisSubscriber;
  readonly #shard: RedisSubscriber | undefined;

  /** Connects nothing yet. Throws `INCUMBENT_INVALID_OPTION` or `INCUMBENT_MISSING_PACKAGE`. */
  constructor(client: RedisClient | string | ServerSource, timer = realTimer, unref = false) {
    const opening: Opening = {
      timer,
      prepare: (make) => careful(unref ? unrefed(make) : make),
    };
    const { keyPrefix, open, shard } = sourceOf(client, opening);
    this.keyPrefix = keyPrefix;
    this.open = open;
    this.openShard = shard?.open;
    this.#subscriber = new RedisSubscriber(this.open, timer);
    if (shard !== undefined) this.#shard = new RedisSubscriber(shard.open, timer, oneShard(shard));
    // What became of the one for commands may have become of those for channels.
    this.lines = new CommandConnections(redisKind, this.open, () => {
      this.#subscriber.reconnect();
      this.#shard?.reconnect();
    });
  }

  /**
   * Sends one command. Rejects with a `StoreError` that says whether it may have been carried out, as
   * soon as the signal is aborted at the latest.
   */
  async send(args: readonly string[], wait: Wait): Promise<unknown> {
    rejectEnded(wait);
    this.#resume();
    const line = await this.lines.choose(wait);
    rejectEnded(wait);
    return line.send(args, wait);
  }

  /** As {@link CommandConnections.seek}, and resumes the channels after a close. */
  seek(wait: Pick<Wait, "clock" | "notAfter">): number {
    this.#resume();
    return this.lines.seek(wait);
  }

  /**
   * Listens on a channel. `undefined` in place of a message means: subscribed anew, and something may
   * have been missed. Never throws.
   */
  subscribe(channel: string, onMessage: (message: string | undefined) => void): () => void {
    return this.#subscriber.add(channel, onMessage);
  }

  /**
   * Listens on a channel of the shard, if that is possible here. Reports neither that it is not nor that something may
   * have been missed: the script that publishes there finds out, and uses the usual channel.
   */
  subscribeShard(channel: string, onMessage: (message: string) => void): () => void {
    const onHeard = (message: string | undefined) => {
      if (message !== undefined) onMessage(message);
    };
    return this.#shard?.add(channel, onHeard) ?? (() => {});
  }

  /** Ends what was opened here. A later request opens it again, and listeners hear again from then on. */
  async close(): Promise<void> {
    this.#subscriber.close();
    this.#shard?.close();
    this.lines.close();
  }

  #resume(): void {
    this.#subscriber.resume();
    this.#shard?.resume();
  }
}

function isSource(client: unknown): client is ServerSource {
  return typeof client === "object" && client !== null && "keyPrefix" in client;
}

function sourceOf(client: RedisClient | string | ServerSource, opening: Opening): ServerSource {
  if (typeof client === "string") return { keyPrefix: "", open: driversFor(client, opening) };
  if (isSource(client)) {
    const { keyPrefix, open, shard } = client;
    const ofShard = shard && { ...shard, open: opening.prepare(shard.open) };
    return { keyPrefix, open: opening.prepare(open), shard: ofShard };
  }
  const own = recognise(client);
  const keyPrefix = own.library === "ioredis" ? (own.client.options?.keyPrefix ?? "") : "";
  return { keyPrefix, open: copiesOf(own, opening) };
}

/** What is waited for no longer is not sent. */
function rejectEnded({ signal }: Wait): void {
  if (!signal.aborted) return;
  const message = "The time for this request was over before it was sent.";
  throw new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "no" });
}

/** Connections that do not keep the process alive. */
function unrefed(open: OpenDriver): OpenDriver {
  return (events) => {
    const driver = open(events);
    driver.unref();
    return driver;
  };
}

/** A client that throws as it is made, by its own rules for its options, is one that cannot connect. */
function careful(open: OpenDriver): OpenDriver {
  return (events) => {
    try {
      return open(events);
    } catch (error) {
      const failed = () => Promise.reject(error);
      const methods = { connect: failed, send: failed, subscribe: failed, unsubscribe: failed };
      return { ...methods, unref() {}, end() {} };
    }
  };
}
