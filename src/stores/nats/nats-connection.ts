import type { ObservedTime } from "../observed/observed-time.ts";
import type { Wait } from "../observed/register.ts";
import { Sessions } from "../registers/sessions.ts";
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
  readonly #sessions = new Sessions<NatsBucket>("NATS", () => this.#connect());

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

  /** Asks the bucket over the connection that is open, or over a new one. */
  ask<Answer>(question: (bucket: NatsBucket) => Promise<Answer>, wait: Wait): Promise<Answer> {
    return this.#sessions.ask(question, wait);
  }

  close(): Promise<void> {
    return this.#sessions.close();
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
