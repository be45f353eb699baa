import type { Timer } from "../../connections/timer.ts";
import type { Driver, OpenDriver } from "../client/redis-driver.ts";
import { storeErrorOf } from "../client/redis-errors.ts";
import { type Listening, wholeServer } from "./listening.ts";

/** How many channels one command subscribes to. */
const MOST_CHANNELS = 200;

type OnMessage = (message: string | undefined) => void;

/** How long to wait before the next attempt to connect: 50 ms at first, 1 s in the end. */
const reconnectDelay = (failures: number): number => Math.min(1000, 50 * 2 ** failures);

/** How long to wait before asking again for what was denied: 1 s at first, half a minute in the end. */
const deniedDelay = (denials: number): number => Math.min(30_000, 1000 * 2 ** denials);

/** A connection, and what is known of it. */
interface Connection {
  readonly driver: Driver;
  isReady: boolean;
  /** Channels of this tick, to be subscribed to together. */
  readonly wanted: Set<string>;
  /** Channels that were denied, to be asked for again, and how often that was done. */
  readonly denied: Set<string>;
  denials: number;
  cancel(): void;
}

/** Channels on a connection of their own, which is open while there are listeners. */
export class RedisSubscriber {
  readonly #open: OpenDriver;
  readonly #timer: Timer;
  readonly #listening: Listening;
  /** With lists, as nearly all have one member: ten thousand electors have as many channels. */
  readonly #channels = new Map<string, readonly OnMessage[]>();
  #connection: Connection | undefined;
  #failures = 0;
  #isClosed = false;
  #isDenialReported = false;
  #cancelReconnect: () => void = () => {};

  constructor(open: OpenDriver, timer: Timer, listening: Listening = wholeServer) {
    this.#open = open;
    this.#timer = timer;
    this.#listening = listening;
  }

  add(channel: string, onMessage: OnMessage): () => void {
    const own: OnMessage = (message) => onMessage(message);
    const listeners = this.#channels.get(channel);
    const isFirst = this.#channels.size === 0;
    this.#channels.set(channel, listeners?.concat(own) ?? [own]);
    if (listeners === undefined) {
      if (isFirst || this.#isClosed) this.reconnect();
      else if (this.#connection?.isReady) this.#gather(this.#connection, channel);
    }
    return () => this.#remove(channel, own);
  }

  /** Ends the connection. The channels stay, for `resume`. */
  close(): void {
    this.#drop();
    this.#isClosed = true;
  }

  /** Connects again after a close, when there are channels to listen to. */
  resume(): void {
    if (this.#isClosed) this.reconnect();
  }

  /** Leaves a connection that may be half open; a message may have been missed on it. */
  reconnect(): void {
    this.#isClosed = false;
    this.#drop();
    if (this.#channels.size > 0) this.#connect();
  }

  #drop(): void {
    this.#cancelReconnect();
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.cancel();
    connection?.driver.end();
  }

  #remove(channel: string, own: OnMessage): void {
    const listeners = this.#channels.get(channel);
    if (listeners === undefined) return;
    const others = listeners.filter((other) => other !== own);
    if (others.length > 0) {
      this.#channels.set(channel, others);
      return;
    }
    this.#channels.delete(channel);
    if (this.#channels.size === 0) this.#drop();
    else if (this.#connection?.isReady) this.#unsubscribe(this.#connection, channel);
  }

  #unsubscribe(connection: Connection, channel: string): void {
    this.#listening.unsubscribe(connection.driver, channel).then(
      () => {
        // A listener that came back meanwhile may have been unsubscribed with it.
        if (this.#channels.has(channel)) this.#subscribe(connection, [channel]);
      },
      () => {},
    );
  }

  /** Subscribes to the channels of one tick together. */
  #gather(connection: Connection, channel: string): void {
    if (connection.wanted.size === 0) queueMicrotask(() => this.#subscribeToWanted(connection));
    connection.wanted.add(channel);
  }

  #subscribeToWanted(connection: Connection): void {
    const wanted = [...connection.wanted].filter((channel) => this.#channels.has(channel));
    connection.wanted.clear();
    for (const group of this.#listening.groupsOf(wanted)) {
      while (group.length > 0) this.#subscribe(connection, group.splice(0, MOST_CHANNELS));
    }
  }

  #subscribe(connection: Connection, channels: readonly string[]): void {
    if (connection !== this.#connection) return;
    this.#listening.subscribe(connection.driver, channels).then(
      () => {
        if (connection !== this.#connection) return;
        this.#failures = 0;
        for (const channel of channels) this.#notify(channel, undefined);
      },
      (error: unknown) => {
        const [channel = "", ...others] = channels;
        if (this.#listening.isRefused(error)) this.#giveUp(connection);
        else if (others.length === 0) this.#onDenied(connection, channel, error);
        // One that is denied has the whole command denied.
        else for (const each of channels) this.#subscribe(connection, [each]);
      },
    );
  }

  /** Nothing is heard here until another connection is opened. */
  #giveUp(connection: Connection): void {
    if (connection === this.#connection) this.#drop();
  }

  /** It may have come back already. */
  #onMoved(connection: Connection, channel: string): void {
    if (connection !== this.#connection || !this.#channels.has(channel)) return;
    this.#listening.onMoved();
    this.#gather(connection, channel);
  }

  /** Until it is granted there are no hints, and the elector looks by itself. */
  #onDenied(connection: Connection, channel: string, error: unknown): void {
    if (connection !== this.#connection) return;
    this.#reportDenial(channel, error);
    this.#listening.onMoved();
    connection.denied.add(channel);
    connection.cancel();
    connection.cancel = this.#timer(deniedDelay(connection.denials), () => {
      const denied = [...connection.denied];
      connection.denied.clear();
      connection.denials = Math.min(connection.denials + 1, 10);
      for (const each of denied) if (this.#channels.has(each)) this.#subscribe(connection, [each]);
    });
  }

  /** Once: without hints an election works, and only a hand-over takes longer than it should. */
  #reportDenial(channel: string, error: unknown): void {
    const { code, message } = storeErrorOf(error);
    if (this.#isDenialReported || code !== "INCUMBENT_STORE_MISCONFIGURED") return;
    this.#isDenialReported = true;
    process.emitWarning(
      `${message}. Without the right to subscribe to the channel ${channel}, incumbent is not notified when a lease is released, and notices it when the lease would have expired. Grant +subscribe and &incumbent:*.`,
      { code: "INCUMBENT_POLLING" },
    );
  }

  #connect(): void {
    const lost = () => this.#onLost(connection);
    const message = (channel: string, text: string) => this.#notify(channel, text);
    const moved = (channel: string) => this.#onMoved(connection, channel);
    const driver = this.#open({ lost, message, moved });
    const connection: Connection = {
      driver,
      isReady: false,
      wanted: new Set(),
      denied: new Set(),
      denials: 0,
      cancel: () => {},
    };
    this.#connection = connection;
    driver.connect().then(() => this.#onReady(connection), lost);
  }

  #onReady(connection: Connection): void {
    if (connection !== this.#connection) return;
    connection.isReady = true;
    for (const channel of this.#channels.keys()) this.#gather(connection, channel);
  }

  #onLost(connection: Connection): void {
    if (connection !== this.#connection) return;
    this.#drop();
    this.#cancelReconnect = this.#timer(reconnectDelay(this.#failures), () => this.reconnect());
    this.#failures = Math.min(this.#failures + 1, 10);
  }

  #notify(channel: string, message: string | undefined): void {
    for (const listener of this.#channels.get(channel) ?? []) listener(message);
  }
}
