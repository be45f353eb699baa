import type { StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import { type CommandConnection, unanswered } from "./command-connection.ts";
import type { RedisConnection } from "./redis-connection.ts";
import type { Timer } from "./redis-timer.ts";
import type { ScriptCalls } from "./script-calls.ts";
import {
  AskedScript,
  type Question,
  type ScriptRequest,
  sizeOf,
  unasked,
} from "./script-request.ts";

/** About how many bytes of arguments a call has at most, unless one request alone has more. */
const MOST_BYTES = 65_536;

/** A call on its way. */
interface Call {
  readonly line: CommandConnection;
  readonly requests: readonly ScriptRequest[];
}

/**
 * Requests that wait for their turn. Those of one tick, and those that come while a call is on its way, travel
 * in one call. A connection has one call at a time: the server would carry out several in one go, while all
 * other clients wait for it.
 */
export class ScriptQueue {
  readonly #connection: RedisConnection;
  readonly #calls: ScriptCalls;
  readonly #timer: Timer;
  /** Renewals, releases and reads. They go first, so that no leader waits for candidates. */
  #office: ScriptRequest[] = [];
  #candidacies: ScriptRequest[] = [];
  readonly #inFlight = new Set<Call>();
  #isGathering = false;
  #cancelWatch: (() => void) | undefined;

  constructor(connection: RedisConnection, calls: ScriptCalls, timer: Timer) {
    this.#connection = connection;
    this.#calls = calls;
    this.#timer = timer;
    connection.lines.onChange = () => this.#send();
  }

  /** Rejects with a `StoreError` that says whether the request may have been carried out. */
  ask<Answer>(question: Question<Answer>): Promise<Answer> {
    const asked = new AskedScript(question);
    if (!asked.isAwaited) {
      asked.reject(unasked());
      return asked.answer;
    }
    // An elector's request keeps its own deadline; others have a signal.
    if (question.request.isAwaited === undefined) {
      asked.follow(() => this.#connection.lines.unsent());
    }
    asked.opened = this.#connection.seek(question.request);
    this.#laneOf(asked).push(asked);
    this.#gather();
    return asked.answer;
  }

  /** Rejects what waits. */
  close(): Promise<void> {
    const waiting = [...this.#office.splice(0), ...this.#candidacies.splice(0)];
    const error = this.#connection.lines.unreachable();
    for (const request of waiting) request.reject(error);
    return this.#connection.close();
  }

  #laneOf({ name }: ScriptRequest): ScriptRequest[] {
    return name === "acquire" ? this.#candidacies : this.#office;
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
  #next(): ScriptRequest | undefined {
    for (const lane of [this.#office, this.#candidacies]) {
      if (lane[0]?.isAwaited === false) this.#drop(({ isAwaited }) => !isAwaited, unasked());
    }
    return this.#office[0] ?? this.#candidacies[0];
  }

  /** Rejects those that wait of which this is true. */
  #drop(isOver: (request: ScriptRequest) => boolean, error: StoreError): void {
    const stays = (request: ScriptRequest) => {
      if (!isOver(request)) return true;
      request.reject(error);
      return false;
    };
    this.#office = this.#office.filter(stays);
    this.#candidacies = this.#candidacies.filter(stays);
  }

  #lineFor(first: ScriptRequest): CommandConnection | "none" | undefined {
    try {
      return this.#connection.lines.find(first.request, first.opened);
    } catch (error) {
      this.#laneOf(first).shift();
      first.reject(error);
      return "none";
    }
  }

  /** A call that is waited for no longer keeps nothing waiting: a release may have to follow it at once. */
  #isBusy(line: CommandConnection): boolean {
    for (const call of this.#inFlight) {
      if (call.line === line && call.requests.some(({ isAwaited }) => isAwaited)) return true;
    }
    return false;
  }

  /**
   * The first of a lane, and what may travel with it. A renewal that is waited for no longer stays behind: its lease
   * may have been released meanwhile over another connection, and a server that has lost it would grant it.
   */
  #take(first: ScriptRequest): ScriptRequest[] {
    const lane = this.#laneOf(first);
    let room = Number.POSITIVE_INFINITY;
    let bytes = 0;
    let seen = 0;
    const taken: ScriptRequest[] = [];
    for (const request of lane) {
      if (request.isAwaited) {
        room = Math.min(room, this.#calls.roomFor(request));
        bytes += sizeOf(request);
        if (taken.length > 0 && (taken.length >= room || bytes > MOST_BYTES)) break;
        taken.push(request);
      } else {
        request.reject(unasked());
      }
      seen += 1;
    }
    lane.splice(0, seen);
    return taken;
  }

  async #call(line: CommandConnection, requests: readonly ScriptRequest[]): Promise<void> {
    const call: Call = { line, requests };
    this.#inFlight.add(call);
    const again = await this.#calls.carryOut(line, requests);
    this.#inFlight.delete(call);
    const [first] = again;
    if (first !== undefined) this.#laneOf(first).unshift(...again);
    this.#send();
  }

  /** One timer for all: when another connection is to be tried, or the time of a request is over. */
  #watch(): void {
    let soonest = Number.POSITIVE_INFINITY;
    if (this.#cancelWatch !== undefined) {
      if (this.#inFlight.size > 0 || this.#next() !== undefined) return;
      this.#cancelWatch();
      this.#cancelWatch = undefined;
      return;
    }
    for (const { request, isAwaited } of this.#pending()) {
      if (isAwaited)
        soonest = Math.min(soonest, this.#connection.lines.patience(request), timeLeft(request));
    }
    if (soonest === Number.POSITIVE_INFINITY) return;
    this.#cancelWatch = this.#timer(Math.max(1, soonest), () => {
      this.#cancelWatch = undefined;
      this.#onWatch();
    });
  }

  *#pending(): Generator<ScriptRequest> {
    for (const { requests } of this.#inFlight) yield* requests;
    yield* this.#office;
    yield* this.#candidacies;
  }

  /** The reason for a failure is known here, and not to the elector, which would give up just now. */
  #onWatch(): void {
    const isOver = ({ request }: ScriptRequest) => timeLeft(request) < 1;
    const error = unanswered();
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
