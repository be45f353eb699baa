import type { StoreRequest } from "../lease-store.ts";
import type { CommandConnection } from "./command-connection.ts";
import type { RedisConnection } from "./redis-connection.ts";
import type { ScriptReply } from "./redis-reply.ts";
import type { Timer } from "./redis-timer.ts";
import type { ScriptCalls } from "./script-calls.ts";
import { type Question, ScriptRequest, unasked } from "./script-request.ts";

/** About how many bytes of arguments a call has at most, unless one request alone has more. */
const MOST_BYTES = 65_536;

/** Requests on their way. */
interface Call {
  readonly line: CommandConnection;
  readonly requests: readonly ScriptRequest[];
  /** It takes long, so its requests follow their signals. */
  isOverdue: boolean;
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
  readonly #office: ScriptRequest[] = [];
  readonly #candidacies: ScriptRequest[] = [];
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
  ask(question: Question): Promise<ScriptReply> {
    const request = new ScriptRequest(question, () => this.#connection.lines.unsent());
    if (!request.isAwaited) {
      request.reject(unasked());
      return request.answer;
    }
    request.opened = this.#connection.seek(request.request);
    this.#laneOf(request).push(request);
    this.#gather();
    return request.answer;
  }

  /** Rejects what waits. */
  close(): Promise<void> {
    const waiting = [...this.#office.splice(0), ...this.#candidacies.splice(0)];
    for (const request of waiting) request.reject(this.#connection.lines.unreachable());
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
      while (lane[0]?.isAwaited === false) lane.shift()?.reject(unasked());
      if (lane[0] !== undefined) return lane[0];
    }
    return undefined;
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

  /** The first of a lane, and what may travel with it. */
  #take(first: ScriptRequest): ScriptRequest[] {
    const lane = this.#laneOf(first);
    let room = Number.POSITIVE_INFINITY;
    let bytes = 0;
    let count = 0;
    for (const request of lane) {
      room = Math.min(room, this.#calls.roomFor(request));
      bytes += request.size;
      if (count > 0 && (count >= room || bytes > MOST_BYTES)) break;
      count += 1;
    }
    return lane.splice(0, count);
  }

  async #call(line: CommandConnection, requests: readonly ScriptRequest[]): Promise<void> {
    const call: Call = { line, requests, isOverdue: false };
    this.#inFlight.add(call);
    const again = await this.#calls.carryOut(line, requests);
    this.#inFlight.delete(call);
    const [first] = again;
    if (first !== undefined) this.#laneOf(first).unshift(...again);
    this.#send();
  }

  /** Looks after requests that are not answered soon: a timer for all of them, and none while nothing waits. */
  #watch(): void {
    const inFlight = [...this.#inFlight].find(({ isOverdue }) => !isOverdue)?.requests[0];
    const first = this.#office[0] ?? this.#candidacies[0] ?? inFlight;
    if (first === undefined) {
      this.#cancelWatch?.();
      this.#cancelWatch = undefined;
      return;
    }
    this.#cancelWatch ??= this.#timer(this.#delayFor(first.request), () => {
      this.#cancelWatch = undefined;
      this.#onOverdue();
    });
  }

  /** When another connection is tried, or half of the time is over if that is sooner. */
  #delayFor(request: StoreRequest): number {
    const half = (request.notAfter - request.clock.now()) / 2;
    return Math.max(1, Math.min(this.#connection.lines.patience(request), half));
  }

  #onOverdue(): void {
    for (const call of this.#inFlight) {
      call.isOverdue = true;
      for (const request of call.requests) request.follow();
    }
    for (const request of [...this.#office, ...this.#candidacies]) request.follow();
    const first = this.#next();
    if (first !== undefined) this.#connection.seek(first.request);
    this.#send();
  }
}
