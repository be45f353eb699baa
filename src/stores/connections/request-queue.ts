import type { StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import { Asked, type AskedRequest, type Question, unasked } from "./asked-request.ts";
import { type CommandConnection, unanswered, type Wait } from "./command-connection.ts";
import type { CommandConnections } from "./command-connections.ts";
import type { ServerKind } from "./driver.ts";
import type { Timer } from "./timer.ts";
import { WaitingRenewals } from "./waiting-renewals.ts";

/** About how many bytes of arguments a call has at most, unless one request alone has more. */
const MOST_BYTES = 65_536;

/** The connections that requests travel over. */
interface Connection<Command> {
  readonly lines: CommandConnections<Command>;
  /** As {@link CommandConnections.seek}. */
  seek(wait: Pick<Wait, "clock" | "notAfter">): number;
  close(): Promise<void>;
}

/** How requests become calls. */
export interface Calls<Request, Command> {
  /** Whether a call may have several requests. */
  readonly areShared: boolean;
  /** How many requests a call may have at most that has this one. */
  roomFor(request: Request): number;
  /** Whether a request may travel in one call with these. */
  fits(request: Request, taken: readonly Request[]): boolean;
  /** Settles the requests. Returns those for which nothing was done yet and that have to travel again. */
  carryOut(
    line: CommandConnection<Command>,
    requests: readonly Request[],
  ): Promise<readonly Request[]>;
}

/** A call on its way. */
interface Call<Request, Command> {
  readonly line: CommandConnection<Command>;
  readonly requests: readonly Request[];
}

/**
 * Requests that wait for their turn. Those of one tick, and those that come while a call is on its way, travel
 * in one call. A connection has one call at a time: the server would carry out several in one go, while all
 * other clients wait for it.
 */
export class RequestQueue<Name extends string, Reply, Command> {
  readonly #kind: ServerKind;
  readonly #connection: Connection<Command>;
  readonly #calls: Calls<AskedRequest<Name, Reply>, Command>;
  readonly #timer: Timer;
  /** Renewals, releases and reads. They go first, so that no leader waits for candidates. */
  #urgent: AskedRequest<Name, Reply>[] = [];
  #acquires: AskedRequest<Name, Reply>[] = [];
  readonly #renewals = new WaitingRenewals<Name, Reply>();
  readonly #inFlight = new Set<Call<AskedRequest<Name, Reply>, Command>>();
  /** Those that wait before they travel again, and how to end the wait. */
  readonly #paused = new Map<AskedRequest<Name, Reply>, () => void>();
  #isGathering = false;
  /** What a connection was last sought for, and what came of it. */
  #sought = { notAfter: Number.POSITIVE_INFINITY, opened: 0 };
  #cancelWatch: (() => void) | undefined;

  constructor(
    kind: ServerKind,
    connection: Connection<Command>,
    calls: Calls<AskedRequest<Name, Reply>, Command>,
    timer: Timer,
  ) {
    this.#kind = kind;
    this.#connection = connection;
    this.#calls = calls;
    this.#timer = timer;
    connection.lines.onChange = () => this.#send();
  }

  /** Rejects with a `StoreError` that says whether the request may have been carried out. */
  ask<Answer>(question: Question<Name, Reply, Answer>): Promise<Answer> {
    const waiting = this.#renewals.same(question);
    if (waiting !== undefined) {
      waiting.askAgain(question);
      waiting.opened = this.#seek(question.request);
      return waiting.answer;
    }
    const asked = new Asked(this.#kind, question);
    if (!asked.isAwaited) {
      asked.reject(unasked());
      return asked.answer;
    }
    // An elector's request keeps its own deadline; others have a signal.
    if (question.request.isAwaited === undefined) {
      asked.follow(() => this.#connection.lines.unsent());
    }
    asked.opened = this.#seek(question.request);
    this.#laneOf(asked).push(asked);
    this.#renewals.add(asked);
    this.#gather();
    return asked.answer;
  }

  /** Rejects what waits. */
  close(): Promise<void> {
    for (const cancel of this.#paused.values()) cancel();
    const waiting = [
      ...[...this.#urgent.splice(0), ...this.#acquires.splice(0)],
      ...this.#paused.keys(),
    ];
    this.#paused.clear();
    this.#renewals.clear();
    const error = this.#connection.lines.unreachable();
    for (const request of waiting) request.reject(error);
    return this.#connection.close();
  }

  #laneOf({ name }: AskedRequest<Name, Reply>): AskedRequest<Name, Reply>[] {
    return name === "acquire" ? this.#acquires : this.#urgent;
  }

  /** Once in a tick, for the request that has the least time. Nothing can have happened since to a connection. */
  #seek(request: StoreRequest): number {
    if (!this.#isGathering || request.notAfter < this.#sought.notAfter) {
      const opened = this.#connection.seek(request);
      this.#sought = { notAfter: request.notAfter, opened };
    }
    return this.#sought.opened;
  }

  /** Sends as soon as the other requests of this tick are there as well. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    queueMicrotask(() => {
      this.#isGathering = false;
      this.#send();
    });
  }

  #send(): void {
    for (let first = this.#next(); first !== undefined; first = this.#next()) {
      const line = this.#lineFor(first);
      if (line === "none") continue;
      if (line === undefined || (this.#calls.areShared && this.#isBusy(line))) break;
      void this.#call(line, this.#take(first));
    }
    this.#watch();
  }

  /** The request whose turn it is. */
  #next(): AskedRequest<Name, Reply> | undefined {
    for (const lane of [this.#urgent, this.#acquires]) {
      if (lane[0]?.isAwaited === false) this.#drop(({ isAwaited }) => !isAwaited, unasked());
    }
    return this.#urgent[0] ?? this.#acquires[0];
  }

  /** Rejects those that wait of which this is true. */
  #drop(isOver: (request: AskedRequest<Name, Reply>) => boolean, error: StoreError): void {
    const stays = (request: AskedRequest<Name, Reply>) => {
      if (!isOver(request)) return true;
      this.#renewals.delete(request);
      request.reject(error);
      return false;
    };
    this.#urgent = this.#urgent.filter(stays);
    this.#acquires = this.#acquires.filter(stays);
  }

  #lineFor(first: AskedRequest<Name, Reply>): CommandConnection<Command> | "none" | undefined {
    try {
      return this.#connection.lines.find(first.request, first.opened);
    } catch (error) {
      this.#laneOf(first).shift();
      this.#renewals.delete(first);
      first.reject(error);
      return "none";
    }
  }

  /** A call that is waited for no longer keeps nothing waiting: a release may have to follow it at once. */
  #isBusy(line: CommandConnection<Command>): boolean {
    for (const call of this.#inFlight) {
      if (call.line === line && call.requests.some(({ isAwaited }) => isAwaited)) return true;
    }
    return false;
  }

  /**
   * The first of a lane, and what may travel with it. A renewal that is waited for no longer stays behind: its lease
   * may have been released meanwhile over another connection, and a server that has lost it would grant it.
   */
  #take(first: AskedRequest<Name, Reply>): AskedRequest<Name, Reply>[] {
    const lane = this.#laneOf(first);
    let room = Number.POSITIVE_INFINITY;
    let bytes = 0;
    let seen = 0;
    const taken: AskedRequest<Name, Reply>[] = [];
    for (const request of lane) {
      if (request.isAwaited) {
        room = Math.min(room, this.#calls.roomFor(request));
        bytes += sizeOf(request);
        const isFull = taken.length >= room || bytes > MOST_BYTES;
        if (taken.length > 0 && (isFull || !this.#calls.fits(request, taken))) break;
        taken.push(request);
      } else {
        request.reject(unasked());
      }
      // What is asked from now on must not have the answer to what was sent before it.
      this.#renewals.delete(request);
      seen += 1;
    }
    lane.splice(0, seen);
    return taken;
  }

  async #call(
    line: CommandConnection<Command>,
    requests: readonly AskedRequest<Name, Reply>[],
  ): Promise<void> {
    const call = { line, requests };
    this.#inFlight.add(call);
    const again = await this.#calls.carryOut(line, requests);
    this.#inFlight.delete(call);
    this.#putBack(again.filter(({ pause }) => pause === 0));
    for (const request of again) if (request.pause > 0) this.#putBackLater(request);
    this.#send();
  }

  /** All of one lane, as they were taken. */
  #putBack(requests: readonly AskedRequest<Name, Reply>[]): void {
    const [first] = requests;
    if (first !== undefined) this.#laneOf(first).unshift(...requests);
  }

  #putBackLater(request: AskedRequest<Name, Reply>): void {
    const cancel = this.#timer(request.pause, () => {
      this.#paused.delete(request);
      request.pause = 0;
      this.#putBack([request]);
      this.#send();
    });
    this.#paused.set(request, cancel);
  }

  /** One timer for all: when another connection is to be tried, or the time of a request is over. */
  #watch(): void {
    if (this.#cancelWatch !== undefined) {
      if (this.#inFlight.size > 0 || this.#next() !== undefined) return;
      this.#cancelWatch();
      this.#cancelWatch = undefined;
      return;
    }
    const hasLeastTime = this.#earliest(() => true);
    if (hasLeastTime === undefined) return;
    const patience = this.#connection.lines.patience(hasLeastTime);
    const electors = this.#earliest(({ isAwaited }) => isAwaited !== undefined);
    const left = electors === undefined ? Number.POSITIVE_INFINITY : timeLeft(electors);
    this.#cancelWatch = this.#timer(Math.max(1, Math.min(patience, left)), () => {
      this.#cancelWatch = undefined;
      this.#onWatch();
    });
  }

  /** Of the requests that are awaited and of which this is true, the one that has the least time. */
  #earliest(counts: (request: StoreRequest) => boolean): StoreRequest | undefined {
    const inFlight = [...this.#inFlight].map(({ requests }) => requests);
    let earliest: StoreRequest | undefined;
    for (const list of [...inFlight, this.#urgent, this.#acquires]) {
      for (const { request, isAwaited } of list) {
        if (!isAwaited || !counts(request)) continue;
        if (earliest === undefined || request.notAfter < earliest.notAfter) earliest = request;
      }
    }
    return earliest;
  }

  /** The reason for a failure is known here, and not to the elector, which would give up just now. */
  #onWatch(): void {
    const isOver = ({ request }: AskedRequest<Name, Reply>) => timeLeft(request) < 1;
    const error = unanswered(this.#kind);
    for (const { requests } of this.#inFlight) {
      for (const request of requests) if (isOver(request)) request.reject(error);
    }
    this.#drop(isOver, this.#connection.lines.unsent());
    const first = this.#next();
    if (first !== undefined) this.#connection.seek(first.request);
    this.#send();
  }
}

/** How long an elector waits for the answer yet, in ms. Others have a signal that says it. */
function timeLeft({ isAwaited, notAfter, clock }: StoreRequest): number {
  return isAwaited === undefined ? Number.POSITIVE_INFINITY : notAfter - clock.now();
}

/** About how many bytes of a call a request takes. */
function sizeOf({ request, fields }: AskedRequest<string, never>): number {
  let size = request.key.length + 50;
  for (const field of fields) size += field.length;
  return size;
}
