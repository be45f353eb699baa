import { isIncumbentError, StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import type { Driver } from "./redis-driver.ts";
import { isFromReplica, storeErrorOf } from "./redis-errors.ts";

/** Until when somebody waits for an answer. */
export type Wait = Pick<StoreRequest, "clock" | "signal">;

/** How long nothing may happen to a connection that is to become ready, in ms. */
const CONNECT_PATIENCE = 3000;

/** How long nothing may be heard where something is owed; a server that hangs is not called more often. */
const SILENCE = 1000;

/** After so many failures in a row (150 to 350 ms) whoever waits for a connection is told why. */
const FAILURES_TOLD = 3;

interface Waiting {
  resume(): void;
  reject(error: StoreError): void;
}

/**
 * One connection for commands, which reconnects by itself. A command waits here until it can be sent,
 * and never inside the client.
 */
export class RedisLine {
  readonly #driver: Driver;
  readonly #clock: Wait["clock"];
  readonly #openedAt: number;
  readonly #stopListening: () => void;
  readonly #waiting = new Set<Waiting>();
  /** What was sent and has had no answer yet. */
  readonly #owed = new Set<(error: unknown) => void>();
  /** When something last happened: an answer, or a step towards a connection. */
  #heardAt: number;
  /** Whether the last command ended in a way that another connection may mend. */
  #isDoubtful = false;
  #failures = 0;
  #lastError: unknown;
  /** What the server held against the handshake; ioredis goes on after a SELECT that was refused. */
  #fault: StoreError | undefined;

  constructor(driver: Driver, clock: Wait["clock"]) {
    this.#driver = driver;
    this.#clock = clock;
    this.#openedAt = this.#heardAt = clock.now();
    this.#stopListening = driver.listen({
      ready: () => this.#onReady(),
      lost: () => this.#onLost(),
      error: (error) => this.#onError(error),
    });
    driver.connect();
  }

  /**
   * The connection may be half open, which the kernel notices after a quarter of an hour, or its client
   * may be stuck. Another one shows whether it was the server.
   */
  isSuspect(): boolean {
    const now = this.#clock.now();
    const quiet = now - this.#heardAt;
    if (!this.#driver.isReady) return quiet >= CONNECT_PATIENCE;
    const isSilent = this.#owed.size > 0 && quiet >= SILENCE;
    return (this.#isDoubtful || isSilent) && now - this.#openedAt >= SILENCE;
  }

  /** Rejects with a `StoreError`, as soon as the signal is aborted at the latest. */
  async send(args: readonly string[], signal: AbortSignal): Promise<unknown> {
    if (!this.#driver.isReady) await this.#ready(signal);
    if (this.#fault !== undefined) throw this.#fault;
    if (this.#owed.size === 0) this.#heardAt = this.#clock.now();
    const heardAt = this.#heardAt;
    try {
      return await untilAborted(this.#answer(args), signal);
    } catch (error) {
      const isMute = isTimeout(signal) && heardAt === this.#heardAt;
      // A client that calls itself ready and cannot send does not recover by itself (ioredis#2099).
      const isStuck = isUnsent(error) && this.#driver.isReady;
      // After a failover, the same name may lead to the new primary.
      this.#isDoubtful ||= isMute || isStuck || isFromReplica(error);
      throw error;
    }
  }

  end(): void {
    this.#stopListening();
    // Its last words, such as an error of the socket that is being closed, interest nobody.
    this.#driver.listen({});
    this.#driver.end();
    this.#lose("the connection was closed");
    this.#rejectWaiting(this.#unreachable("the connection was closed"));
  }

  async #answer(args: readonly string[]): Promise<unknown> {
    const { promise: lost, reject: lose } = rejectable();
    this.#owed.add(lose);
    try {
      return await Promise.race([this.#driver.send(args), lost]);
    } catch (error) {
      throw storeErrorOf(error);
    } finally {
      this.#owed.delete(lose);
      this.#hear();
    }
  }

  #hear(): void {
    this.#heardAt = this.#clock.now();
    this.#isDoubtful = false;
  }

  #ready(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiting);
        signal.removeEventListener("abort", onAbort);
      };
      const waiting: Waiting = {
        resume: () => {
          leave();
          resolve();
        },
        reject: (error) => {
          leave();
          reject(error);
        },
      };
      const onAbort = () => waiting.reject(this.#unreachable("not connected in time"));
      this.#waiting.add(waiting);
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  #onReady(): void {
    this.#hear();
    this.#failures = 0;
    if (this.#fault !== undefined) {
      this.#rejectWaiting(this.#fault);
      return;
    }
    this.#lastError = undefined;
    for (const waiting of [...this.#waiting]) waiting.resume();
  }

  #onError(error: unknown): void {
    this.#hear();
    this.#lastError = error;
    const fault = storeErrorOf(error);
    if (fault.code !== "INCUMBENT_STORE_MISCONFIGURED" || this.#driver.isReady) return;
    // Waiting does not help against a wrong password.
    this.#fault = fault;
    this.#rejectWaiting(fault);
  }

  #onLost(): void {
    this.#hear();
    this.#fault = undefined;
    // ioredis may never settle what it had sent before the connection was lost (ioredis#2193).
    this.#lose("the connection was lost");
    this.#failures += 1;
    if (this.#failures < FAILURES_TOLD) return;
    this.#rejectWaiting(this.#unreachable("the server closed the connection"));
  }

  #lose(text: string): void {
    for (const lose of [...this.#owed]) lose(new Error(text));
  }

  #rejectWaiting(error: StoreError): void {
    for (const waiting of [...this.#waiting]) waiting.reject(error);
  }

  /** For what was not sent: why, as far as it is known. */
  #unreachable(otherwise: string): StoreError {
    const error = storeErrorOf(this.#lastError ?? new Error(otherwise));
    return new StoreError(error.code, error.message, { cause: error.cause, applied: "no" });
  }
}

function isUnsent(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    error.code === "INCUMBENT_STORE_UNAVAILABLE" &&
    error.applied === "no"
  );
}

/** Whether the wait ended by its deadline, and not because the elector was stopped. */
function isTimeout({ aborted, reason }: AbortSignal): boolean {
  return aborted && !(isIncumbentError(reason) && reason.code === "INCUMBENT_STOPPED");
}

function rejectable(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, onReject) => {
    reject = onReject;
  });
  return { promise, reject };
}

/** The answer, or an error as soon as nobody waits for it; what comes later goes nowhere. */
async function untilAborted(answer: Promise<unknown>, signal: AbortSignal): Promise<unknown> {
  const { promise: aborted, reject } = rejectable();
  const onAbort = () => {
    const message = "Redis did not answer in time.";
    reject(new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied: "maybe" }));
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
