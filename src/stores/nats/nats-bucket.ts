import type { StoreError } from "../../errors.ts";
import { realTimer } from "../connections/timer.ts";
import type { Wait } from "../observed/register.ts";
import { untilAborted } from "../registers/until-aborted.ts";
import type { NatsClient, NatsHeaders, NatsMessage, NatsPackage } from "./nats-client.ts";
import {
  interrupted,
  isForbidden,
  isUnheard,
  type JetStreamError,
  lost,
  misconfigured,
  numbers,
  refusedBy,
} from "./nats-errors.ts";
import type { NatsSettings } from "./nats-options.ts";

/** How long the client waits for an answer, in ms. Requests have deadlines of their own, and end before. */
const LONGEST = 600_000;

/** The same while the bucket is opened, which has no deadline: an answer that is lost may hold up nothing else. */
const OPENING = 5000;

/** How the bucket of a store is described, whichever process has made it. */
const OWN = "Elections of incumbent";

/** No bucket comes to this revision by itself, and every date in ms since 1970 is above it. */
const DATED = 1e12;

/** How often a bucket is looked at until its maker has dated it, and how long between, in ms. Other programs never do. */
const LOOKS = 20;
const BETWEEN_LOOKS = 50;

/** What JetStream answers. */
export interface JetStreamReply {
  readonly error?: JetStreamError;
  /** Of a write: its revision. */
  readonly seq?: number;
  /** Of a question for a message. */
  readonly message?: { readonly seq: number; readonly data?: string; readonly hdrs?: string };
  /** Of a new consumer: how many messages it is about to send. */
  readonly num_pending?: number;
  /** Of a question for the stream. */
  readonly created?: string;
  readonly config?: {
    readonly num_replicas?: number;
    readonly max_age?: number;
    readonly mirror?: object;
    readonly storage?: string;
    readonly description?: string;
    readonly first_seq?: number;
  };
  readonly total?: number;
  readonly state?: {
    readonly subjects?: Readonly<Record<string, number>>;
    readonly messages?: number;
    readonly last_seq?: number;
  };
}

/** A bucket over one connection, which is never repaired: a request that finds it closed opens another one. */
export class NatsBucket {
  readonly name: string;
  readonly client: NatsClient;
  /** When the bucket was made: one of the same name that was there before had another date. */
  created = "";

  /** A store has made it, it is empty, and it counts from 1. */
  #isUndated = false;
  /** This process has made it, and no other. */
  #isMaker = false;
  /** The revision that the bucket was made to begin with. Servers before 2.10, and other programs, name none. */
  #firstRevision: number | undefined;
  readonly #library: NatsPackage;
  readonly #inboxPrefix: string | undefined;

  constructor(library: NatsPackage, client: NatsClient, name: string, inboxPrefix?: string) {
    this.#library = library;
    this.client = client;
    this.name = name;
    this.#inboxPrefix = inboxPrefix;
  }

  /** Calls it when the connection has ended. */
  onEnd(listener: (error?: unknown) => void): void {
    const end = (error: unknown) => listener(error && interrupted(error));
    void this.client.closed().then(end, end);
  }

  close(): Promise<void> {
    return this.client.close();
  }

  /** The stream that holds it. */
  get stream(): string {
    return `KV_${this.name}`;
  }

  /** The subject of one of its records, or of all, by `>`. */
  subject(record: string): string {
    return `$KV.${this.name}.${record}`;
  }

  /** Makes the bucket if it is missing. Throws a `StoreError` if it is not one that can hold leases. */
  async open({ createBucket, replicas }: NatsSettings, wall: number): Promise<void> {
    let reply = await this.#askWithin("STREAM.INFO", {});
    if (reply.error?.err_code === numbers.noStream) {
      if (!createBucket)
        throw misconfigured(`has no bucket "${this.name}", and createBucket is false`);
      reply = await this.#askWithin("STREAM.CREATE", this.#plan(replicas, wall));
      this.#isMaker = reply.error === undefined;
      if (numbers.otherStream.includes(reply.error?.err_code)) {
        reply = await this.#askWithin("STREAM.INFO", {});
      }
    }
    if (reply.error !== undefined) throw refusedBy(reply.error);
    const { num_replicas = 1, max_age = 0, mirror, description = "" } = reply.config ?? {};
    if (mirror !== undefined) throw misconfigured(`has a mirror as bucket "${this.name}"`);
    if (max_age !== 0) throw misconfigured(`has a bucket "${this.name}" whose records expire`);
    if (num_replicas !== replicas) {
      throw misconfigured(
        `keeps the bucket "${this.name}" on ${num_replicas} servers, and the option replicas is ${replicas}`,
      );
    }
    this.created = reply.created ?? "";
    this.#firstRevision = reply.config?.first_seq;
    this.#isUndated = isUndated(reply) && description.startsWith(OWN);
  }

  /**
   * Lets a bucket of this store count from its date also on NATS 2.9: a write is compared by revision alone, so no
   * revision may be one of an earlier bucket that a candidate still remembers. Only the process that has made it purges
   * it, for that could remove what another has just written; the others wait until it has.
   */
  async countFromDate(): Promise<void> {
    if (!this.#isUndated) return;
    if (this.#isMaker) {
      const purge = { seq: Date.parse(this.created) };
      const { error } = await this.#askWithin("STREAM.PURGE", purge).catch(withoutRight);
      if (error !== undefined) throw this.refusal(error);
      return;
    }
    for (let looks = 0; looks < LOOKS; looks += 1) {
      await new Promise<void>((resolve) => realTimer(BETWEEN_LOOKS, resolve));
      if (!isUndated(await this.#askWithin("STREAM.INFO", {}))) return;
    }
  }

  /**
   * Throws a `StoreError` if another process has made the bucket anew over the life of this connection. A record that
   * is missing is the sign to ask: records stay for ever.
   */
  async confirm(wait: Wait): Promise<void> {
    const { error, created } = await this.ask("STREAM.INFO", {}, wait);
    if (error !== undefined) throw this.refusal(error);
    if (created === this.created) return;
    void this.client.close();
    throw lost(`the bucket "${this.name}" was made anew`);
  }

  /** Asks JetStream about the stream of this bucket. */
  ask(question: string, body: object, wait: Wait): Promise<JetStreamReply> {
    return untilAborted(this.#askWithin(question, body, LONGEST), wait);
  }

  #askWithin(question: string, body: object, timeout = OPENING): Promise<JetStreamReply> {
    const subject = `$JS.API.${question}.${this.stream}`;
    return this.#request(subject, JSON.stringify(body), { timeout });
  }

  /** What the error of an answer means. If the bucket has gone, the next request finds out what became of it. */
  refusal(error: JetStreamError): StoreError {
    if (error.err_code !== numbers.noStream) return refusedBy(error);
    void this.client.close();
    return lost(`the bucket "${this.name}" has gone`);
  }

  /**
   * Writes a record whose revision is still this one. The first record of all is written twice: NATS 2.10.0 to 2.10.27
   * forget every record at a restart for as long as the first revision is among them (nats-io/nats-server#6753).
   */
  async write(name: string, text: string, revision: number, wait: Wait): Promise<JetStreamReply> {
    const reply = await this.#writeOnce(name, text, revision, wait);
    if (reply.seq === undefined || reply.seq !== this.#firstRevision) return reply;
    const again = await this.#writeOnce(name, text, reply.seq, wait);
    const { error } = again;
    const isRefused = error !== undefined && !numbers.otherRevision.includes(error.err_code);
    // What was written first stays.
    if (isRefused) throw refusedBy(error, true);
    return again;
  }

  #writeOnce(name: string, text: string, revision: number, wait: Wait): Promise<JetStreamReply> {
    const headers = this.#library.headers();
    headers.set("Nats-Expected-Stream", this.stream);
    headers.set("Nats-Expected-Last-Subject-Sequence", String(revision));
    const request = { timeout: LONGEST, headers };
    return untilAborted(this.#request(this.subject(name), text, request), wait);
  }

  /** Hears messages at an address of its own, until the returned function is called. */
  listen(callback: (error: Error | null, message: NatsMessage) => void): {
    readonly address: string;
    readonly end: () => void;
  } {
    const address = this.#library.createInbox(this.#inboxPrefix);
    const subscription = this.client.subscribe(address, { callback });
    return { address, end: () => subscription.unsubscribe() };
  }

  #request(
    subject: string,
    text: string,
    options: { readonly timeout: number; readonly headers?: NatsHeaders },
  ): Promise<JetStreamReply> {
    return this.client.request(subject, text, options).then(
      (message) => JSON.parse(message.string()),
      (error) => {
        if (!isUnheard(error)) throw interrupted(error);
        void this.client.close();
        if (options.headers !== undefined) throw lost(`the bucket "${this.name}" has gone`);
        throw misconfigured("does not run JetStream, which nats-server -js starts");
      },
    );
  }

  /** As the clients of NATS make a bucket, and with revisions above those of a bucket that was there before. */
  #plan(replicas: number, wall: number): object {
    return {
      name: this.stream,
      subjects: [this.subject(">")],
      // The server answers alike to each of several that would make the same. This differs, so one of them has made it.
      description: `${OWN}, made by ${crypto.randomUUID()}`,
      ...{ storage: "file", num_replicas: replicas, retention: "limits", discard: "new" },
      ...{ max_msgs_per_subject: 1, max_msgs: -1, max_bytes: -1, max_age: 0 },
      ...{ deny_delete: true, allow_rollup_hdrs: true, allow_direct: false },
      // Servers before 2.10 ignore it.
      first_seq: Math.floor(wall),
    };
  }
}

/** A bucket that may be made and not be purged counts from 1. */
function withoutRight(error: unknown): JetStreamReply {
  if (isForbidden(error)) return {};
  throw error;
}

/** Whether its revisions may be ones that an earlier bucket of its name has had. */
export function countsFromOne({ state }: JetStreamReply): boolean {
  return (state?.last_seq ?? 0) < DATED;
}

function isUndated(reply: JetStreamReply): boolean {
  return (reply.state?.messages ?? 0) === 0 && countsFromOne(reply);
}
