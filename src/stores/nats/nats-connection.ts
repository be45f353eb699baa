import type { ObservedTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import { untilAborted } from "../registers/until-aborted.ts";
import { NatsBucket } from "./nats-bucket.ts";
import { natsPackage } from "./nats-client.ts";
import { unreachable } from "./nats-errors.ts";
import type { NatsSettings } from "./nats-options.ts";
import type { NatsConnectionOptions } from "./nats-servers.ts";

/**
 * One that broke is not repaired by the client, which would send what waited in it at an unknown time. Pings find out
 * that the other end has gone without a word.
 */
const OWN = { reconnect: false, timeout: 2000, pingInterval: 1000, maxPingOut: 1 };

/** The connection of a store: opened by the first request, and again by the next one after it broke. */
export class NatsConnection {
  readonly #library = natsPackage();
  readonly #options: NatsConnectionOptions;
  readonly #settings: NatsSettings;
  readonly #time: ObservedTime;
  readonly #isForLooking: boolean;
  #open: Promise<NatsBucket> | undefined;

  constructor(
    options: NatsConnectionOptions,
    settings: NatsSettings,
    time: ObservedTime,
    isForLooking = false,
  ) {
    this.#options = options;
    this.#settings = settings;
    this.#time = time;
    this.#isForLooking = isForLooking;
  }

  /** Another connection, which makes no bucket and changes none. */
  forLooking(): NatsConnection {
    const settings = { ...this.#settings, createBucket: false };
    return new NatsConnection(this.#options, settings, this.#time, true);
  }

  /** Whether the bucket is made when it is missing. */
  get createsBucket(): boolean {
    return this.#settings.createBucket;
  }

  /** The bucket over the connection that is open, or over a new one. */
  bucket(wait: Wait): Promise<NatsBucket> {
    this.#open ??= this.#begin();
    return untilAborted(this.#open, wait);
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.then(({ client }) => client.close()).catch(() => {});
  }

  #begin(): Promise<NatsBucket> {
    const open = this.#connect();
    const forget = () => {
      if (this.#open === open) this.#open = undefined;
    };
    void open.then(({ client }) => client.closed()).then(forget, forget);
    return open;
  }

  async #connect(): Promise<NatsBucket> {
    const options = { name: "incumbent", ...this.#options, ...OWN };
    const client = await this.#library.connect(options).catch((error) => {
      throw unreachable(error);
    });
    const bucket = new NatsBucket(
      this.#library,
      client,
      this.#settings.bucket,
      this.#options.inboxPrefix,
    );
    try {
      await bucket.open(this.#settings, this.#time.wall());
      if (!this.#isForLooking) await bucket.countFromDate();
      return bucket;
    } catch (error) {
      await client.close();
      throw error;
    }
  }
}
