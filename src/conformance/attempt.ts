import type {
  AcquireReply,
  AcquireRequest,
  LeaseStore,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
} from "../stores/lease-store.ts";
import { expectVerdict } from "./answers.ts";
import { BrokenRule, expect } from "./expectations.ts";
import { within } from "./real-time.ts";
import type { StoreTime } from "./subject.ts";

/** The candidate of an attempt, the store it asks, and what it asks for. */
export interface AttemptFields {
  readonly key: string;
  readonly store: LeaseStore;
  readonly nonce: string;
  readonly nodeId: string;
  readonly metadata: string | undefined;
  /** In ms. */
  readonly ttl: number;
}

export type Granted = Extract<AcquireReply, { granted: true }>;
export type Refused = Extract<AcquireReply, { granted: false }>;

/** One attempt to get a lease, identified by its nonce, with every request that its owner may make. */
export class Attempt {
  readonly fields: AttemptFields;
  readonly #time: StoreTime;
  readonly #patience: number;

  constructor(fields: AttemptFields, time: StoreTime, patience: number) {
    this.fields = fields;
    this.#time = time;
    this.#patience = patience;
  }

  /** Requests the lease. */
  acquire(changed: Partial<AcquireRequest> = {}): Promise<AcquireReply> {
    const request = { ...this.#attempt(), ...this.#holder(), above: 0, ...changed };
    return this.#answered("acquire", "granted", this.fields.store.acquire(request));
  }

  /** Requests the lease, and fails if it is refused. */
  async win(changed: Partial<AcquireRequest> = {}): Promise<Granted> {
    const reply = await this.acquire(changed);
    expect(reply.granted, "a free lease must be granted", reply);
    return reply;
  }

  /** Requests the lease, and fails if it is granted. */
  async lose(claim: string, changed: Partial<AcquireRequest> = {}): Promise<Refused> {
    const reply = await this.acquire(changed);
    expect(!reply.granted, `${claim} must be refused`, reply);
    return reply;
  }

  /** Renews the lease of the term with this token. */
  renew(token: number, changed: Partial<RenewRequest> = {}): Promise<RenewReply> {
    const request = { ...this.#attempt(), ...this.#holder(), token, ...changed };
    return this.#answered("renew", "renewed", this.fields.store.renew(request));
  }

  /** Releases the lease. */
  release(changed: Partial<ReleaseRequest> = {}): Promise<ReleaseReply> {
    const request = { ...this.#attempt(), ...changed };
    return this.#answered("release", "released", this.fields.store.release(request));
  }

  #attempt(): ReleaseRequest {
    const { key, nonce } = this.fields;
    const notAfter = this.#time.now() + 60_000;
    return { key, nonce, clock: this.#time, notAfter, signal: new AbortController().signal };
  }

  #holder() {
    const { nodeId, metadata, ttl } = this.fields;
    return { nodeId, metadata, ttl };
  }

  async #answered<Reply>(
    operation: string,
    verdict: string,
    asked: Promise<Reply>,
  ): Promise<Reply> {
    const message = `${operation} must be answered within ${this.#patience} ms`;
    const reply = await within(this.#patience, message, asked);
    expectVerdict(operation, reply, verdict);
    return reply;
  }
}

/** Resolves with the answer, or with `undefined` if the store fails the request, which is permitted here. */
export async function unlessItFails<Reply>(answer: Promise<Reply>): Promise<Reply | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof BrokenRule) throw error;
    return undefined;
  }
}
