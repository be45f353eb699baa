import { StoreError } from "../../errors.ts";
import { sendFor } from "../connections/asked-request.ts";
import type { CommandConnection } from "../connections/command-connection.ts";
import type { ServerKind } from "../connections/driver.ts";
import type { Calls } from "../connections/request-queue.ts";
import type { Guard } from "../guard-options.ts";
import { KnownServer } from "./known-server.ts";
import { wishOf } from "./sql-questions.ts";
import type { SqlReply, SqlRequest } from "./sql-request.ts";

/** How often one request may be repeated because of what the server knows, or because it was late by a clock set anew. */
const INTRODUCTIONS = 6;

/** How long to wait for the lock on a row, in ms: 1 at first, 50 in the end. */
const lockPause = (pause: number): number => Math.min(50, Math.max(1, pause * 2));

/** Who knows no server is granted nothing, and is answered who it is and who leads. */
const stranger = new KnownServer();

/** Sends a statement, and resolves with what the driver has of its answer. */
export type Send<Command> = (command: Command) => Promise<unknown>;

/** How a database is asked. */
export interface Dialect<Command> {
  /** How many requests a statement of this kind may carry. */
  roomFor(request: SqlRequest): number;
  /** Asks for requests of one kind, each with a key of its own. Resolves with one reply for each, in their order. */
  ask(
    send: Send<Command>,
    requests: readonly SqlRequest[],
    server: KnownServer,
  ): Promise<readonly SqlReply[]>;
  /** Makes the server know these elections, as ones that it may have forgotten. */
  adopt(send: Send<Command>, requests: readonly SqlRequest[], server: KnownServer): Promise<void>;
  /** Whether a failure is over once the same is asked again: nothing was done. May set right what was wrong. */
  isPassing(send: Send<Command>, error: unknown, requests: readonly SqlRequest[]): Promise<boolean>;
}

/** Statements with the requests of one tick, each of which is judged for itself. */
export class SqlCalls<Command> implements Calls<SqlRequest, Command> {
  readonly areShared = true;
  readonly #kind: ServerKind;
  readonly #dialect: Dialect<Command>;
  readonly #guard: Guard;
  readonly #server = new KnownServer();
  readonly #pauses = new WeakMap<SqlRequest, number>();

  constructor(kind: ServerKind, dialect: Dialect<Command>, guard: Guard) {
    this.#kind = kind;
    this.#dialect = dialect;
    this.#guard = guard;
  }

  roomFor(request: SqlRequest): number {
    return this.#dialect.roomFor(request);
  }

  /** Of one kind, and of a key of its own: a statement changes each row once. */
  fits({ name, request }: SqlRequest, taken: readonly SqlRequest[]): boolean {
    return taken.every((other) => other.name === name && other.request.key !== request.key);
  }

  async carryOut(
    line: CommandConnection<Command>,
    all: readonly SqlRequest[],
  ): Promise<readonly SqlRequest[]> {
    const send: Send<Command> = (command) => sendFor(line, command, all);
    const waiting = all.filter((request) => this.#doubtFor(request) > 0);
    const requests = all.filter((request) => !waiting.includes(request));
    const refused =
      waiting.length > 0 ? await this.#orFail(send, waiting, this.#refuse(send, waiting)) : [];
    const asked =
      requests.length > 0 ? await this.#orFail(send, requests, this.#ask(send, requests)) : [];
    const again = [...refused, ...asked];
    for (const request of again) request.onEnd = undefined;
    return again;
  }

  async #orFail(
    send: Send<Command>,
    requests: readonly SqlRequest[],
    judged: Promise<readonly SqlRequest[]>,
  ): Promise<readonly SqlRequest[]> {
    try {
      return await judged;
    } catch (error) {
      return this.#onFailure(send, requests, error);
    }
  }

  /** For how long it must not be elected, in ms: the server may not know what another one has granted. */
  #doubtFor(request: SqlRequest): number {
    if (request.name !== "acquire" || !this.#guard.restartGuard) return 0;
    const { quarantine } = wishOf(request, this.#server, this.#guard);
    return this.#server.doubtful(quarantine / 1000, request.request.clock);
  }

  /** Only looks who leads, and what the server's clock shows. */
  async #refuse(
    send: Send<Command>,
    requests: readonly SqlRequest[],
  ): Promise<readonly SqlRequest[]> {
    const replies = await this.#dialect.ask(send, requests, stranger);
    return requests.filter((request, at) => {
      const { holder } = this.#hear(request, replies[at]);
      const doubt = this.#doubtFor(request);
      if (doubt === 0) return true;
      const waiting: SqlReply = { status: "quarantine", waits: doubt * 1000 };
      request.resolve(holder ? { status: "held", holder } : waiting);
      return false;
    });
  }

  #hear({ request: { clock } }: SqlRequest, reply: SqlReply | undefined): SqlReply {
    if (reply === undefined) throw new TypeError("a request without a reply");
    const { run, now } = reply;
    if (run !== undefined && now !== undefined) this.#server.heard({ run, now }, clock);
    return reply;
  }

  async #ask(send: Send<Command>, requests: readonly SqlRequest[]): Promise<readonly SqlRequest[]> {
    const replies = await this.#dialect.ask(send, requests, this.#server);
    const again: SqlRequest[] = [];
    const unknown: SqlRequest[] = [];
    for (const [at, request] of requests.entries()) {
      const reply = this.#hear(request, replies[at]);
      if (this.#settle(request, reply)) continue;
      again.push(request);
      if (reply.status === "unknown") unknown.push(request);
    }
    // What has its answer has it also if this fails.
    if (unknown.length > 0) await this.#dialect.adopt(send, unknown, this.#server);
    return again;
  }

  async #onFailure(
    send: Send<Command>,
    requests: readonly SqlRequest[],
    error: unknown,
  ): Promise<readonly SqlRequest[]> {
    let reason = error;
    try {
      if (await this.#dialect.isPassing(send, error, requests)) {
        return requests.filter((request) => request.isAwaited && this.#mayTravelAgain(request));
      }
    } catch (cause) {
      reason = cause;
    }
    for (const request of requests) request.reject(reason);
    return [];
  }

  /** Returns false if the request has to travel again. */
  #settle(request: SqlRequest, reply: SqlReply): boolean {
    const { clock, notAfter } = request.request;
    const { status } = reply;
    if (status === "raced") return !this.#waitsForLock(request);
    // The clock of the server was set since it was last heard.
    const isOutdated = status === "late" && clock.now() < notAfter;
    if (status === "server" || status === "unknown" || isOutdated) {
      return !this.#mayTravelAgain(request);
    }
    // Another server was heard from while this one was asked.
    if (status === "granted" && this.#doubtFor(request) > 0) this.#rejectDoubtful(request);
    // The time went by while it waited for the lock.
    else if (status === "late" && this.#pauses.has(request)) this.#rejectLocked(request);
    else request.resolve(reply);
    return true;
  }

  #mayTravelAgain(request: SqlRequest): boolean {
    request.introductions += 1;
    if (request.introductions < INTRODUCTIONS) return true;
    const message = `The ${this.#kind.name} server changed its identity or clock during the request.`;
    request.reject(new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "no" }));
    return false;
  }

  /** Not in the statement itself: it would hold up all others of this connection. */
  #waitsForLock(request: SqlRequest): boolean {
    const { clock, notAfter } = request.request;
    const pause = lockPause(this.#pauses.get(request) ?? 0);
    this.#pauses.set(request, pause);
    if (clock.now() + pause < notAfter) {
      request.pause = pause;
      return true;
    }
    this.#rejectLocked(request);
    return false;
  }

  /** Its lease is given back: a leader may have been elected on the other server. */
  #rejectDoubtful(request: SqlRequest): void {
    const message = `Another ${this.#kind.name} server was heard from during the request.`;
    request.reject(new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "maybe" }));
  }

  #rejectLocked(request: SqlRequest): void {
    const { key } = request.request;
    const message = `Another transaction in ${this.#kind.name} keeps the row of "${key}" locked. One that a paused leader has fenced is ended by the server after its idleTimeout, 5 s by default.`;
    request.reject(new StoreError("INCUMBENT_STORE_REFUSED", message, { applied: "no" }));
  }
}
