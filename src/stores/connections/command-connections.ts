import { StoreError } from "../../errors.ts";
import { CommandConnection, unanswered, type Wait } from "./command-connection.ts";
import type { OpenDriver, ServerKind } from "./driver.ts";

/** An answer is not missed sooner, in ms. */
const LEAST_PATIENCE = 100;

/** For how long an answer is not missed of a request that has no not-after, in ms. */
const USUAL_TIME = 6000;

/**
 * How many connections are attempted at a time: for each that hangs, another may come through. If all hang, the newest
 * gives way to the next: in an outage that loses every packet, none of them comes through afterwards, while on a slow
 * server the oldest is the first that does.
 */
const MOST_ATTEMPTS = 4;

/** How long nothing may happen to a connection that is being made, at least, in ms. */
const LONGEST_HANDSHAKE = 3000;

interface Waiting {
  resume(): void;
  reject(error: StoreError): void;
}

/**
 * The connections for commands: usually one, opened by a request that finds none.
 *
 * When an answer is overdue, the connection may be half open, which the kernel notices after a quarter
 * of an hour, or the server may be slow. So nothing is given up: the next request opens another beside
 * it, and takes whichever shows first that it works. What is in flight stays where it was sent, since
 * nothing may be sent twice.
 */
export class CommandConnections<Command> {
  readonly #kind: ServerKind;
  readonly #open: OpenDriver<Command>;
  readonly #onReplaced: () => void;
  /** Called when a connection came about, answered or was lost. */
  onChange: () => void = () => {};
  /** In the order in which they were opened. */
  readonly #lines = new Set<CommandConnection<Command>>();
  readonly #waiting = new Set<Waiting>();
  #opened = 0;
  #failure: unknown;

  /** `onReplaced`: a connection gave way to a newer one. */
  constructor(kind: ServerKind, open: OpenDriver<Command>, onReplaced: () => void) {
    this.#kind = kind;
    this.#open = open;
    this.#onReplaced = onReplaced;
  }

  /** The connection for a request. Rejects with a `StoreError`: not sent. */
  async choose(wait: Wait): Promise<CommandConnection<Command>> {
    const opened = this.seek(wait);
    for (;;) {
      const line = this.find(wait, opened);
      if (line !== undefined) return line;
      await this.#change(wait.signal);
    }
  }

  /**
   * Sees to it that there is a connection, or soon will be, that works. Returns what `find` needs to know: how many
   * had been opened before.
   */
  seek(wait: Pick<Wait, "clock" | "notAfter">): number {
    const patience = this.patience(wait);
    const opened = this.#opened;
    this.#endHandshakes(Math.max(LONGEST_HANDSHAKE, 4 * patience));
    if (this.#working(patience) !== undefined) return opened;
    const attempts = this.#attempts();
    const isHopeful = attempts.some(({ silence }) => silence <= patience);
    if (isHopeful) return opened;
    this.#connect(wait.clock);
    if (attempts.length === MOST_ATTEMPTS) attempts.at(-1)?.end();
    return opened;
  }

  /**
   * The connection for a request that was sought when so many had been `opened`. Nothing while one is attempted:
   * `onChange` is called when to look again. Throws a `StoreError` if none came about.
   */
  find(
    wait: Pick<Wait, "clock" | "notAfter">,
    opened: number,
  ): CommandConnection<Command> | undefined {
    const line = this.#working(this.patience(wait));
    if (line !== undefined) return line;
    if (this.#attempts().length > 0) return undefined;
    // The server takes no other connection, so it may be slow and nothing else.
    const newest = this.#newest();
    if (newest !== undefined) return newest;
    if (this.#opened > opened) throw this.unreachable("the connection was lost");
    // That attempt was an older one, and may have failed before the server was back.
    this.#connect(wait.clock);
    return undefined;
  }

  /** Whether none works although one was opened before: it is lost, silent or still connecting. */
  isOverdue(wait: Pick<Wait, "clock" | "notAfter">): boolean {
    return this.#opened > 0 && this.#working(this.patience(wait)) === undefined;
  }

  /** Rejects whatever waits. A later request opens a connection again. */
  close(): void {
    const error = this.unreachable();
    for (const waiting of [...this.#waiting]) waiting.reject(error);
    for (const line of [...this.#lines]) line.end();
  }

  /**
   * How long an answer may take before another connection is tried, in ms. A part of the time that the request
   * has, which follows from the ttl; more where the last answer took longer.
   */
  patience({ clock, notAfter }: Pick<Wait, "clock" | "notAfter">): number {
    const time = notAfter === undefined ? USUAL_TIME : notAfter - clock.now();
    const usual = 2 * (this.#newest()?.took ?? 0);
    return Math.max(LEAST_PATIENCE, time / 6, Math.min(usual, time / 3));
  }

  #newest(): CommandConnection<Command> | undefined {
    let newest: CommandConnection<Command> | undefined;
    for (const line of this.#lines) if (line.isReady) newest = line;
    return newest;
  }

  #working(patience: number): CommandConnection<Command> | undefined {
    const line = this.#newest();
    return line === undefined || line.isOutdated || line.silence > patience ? undefined : line;
  }

  #attempts(): CommandConnection<Command>[] {
    return [...this.#lines].filter(({ isConnecting }) => isConnecting);
  }

  #endHandshakes(longest: number): void {
    for (const line of this.#lines) {
      if (line.isConnecting && line.silence > longest)
        line.end(new Error("the server did not answer the handshake"));
    }
  }

  #connect(clock: Wait["clock"]): void {
    this.#opened += 1;
    const line = new CommandConnection(this.#kind, this.#open, clock, {
      ready: (ready) => this.#onReady(ready),
      heard: (heard) => this.#onHeard(heard),
      over: (over, error) => this.#onOver(over, error),
    });
    this.#lines.add(line);
  }

  #onReady(line: CommandConnection<Command>): void {
    const others = [...this.#lines].filter((other) => other !== line);
    const isReplacement = others.some(({ isReady }) => isReady);
    // Of one that was still being made no answer is waited for: it ends at once.
    for (const other of others) other.retire();
    this.#failure = undefined;
    if (isReplacement) this.#onReplaced();
    this.#resume();
  }

  /** It was the server that was slow, so no other connection is needed. */
  #onHeard(line: CommandConnection<Command>): void {
    if (line !== this.#newest() || line.isOutdated) {
      this.onChange();
      return;
    }
    for (const attempt of this.#attempts()) attempt.end();
    this.#resume();
  }

  #onOver(line: CommandConnection<Command>, error: unknown): void {
    this.#lines.delete(line);
    this.#failure = error ?? this.#failure;
    this.#resume();
  }

  #change(signal: AbortSignal): Promise<void> {
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
      const onAbort = () => waiting.reject(this.unreachable("not connected in time"));
      this.#waiting.add(waiting);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  #resume(): void {
    for (const waiting of [...this.#waiting]) waiting.resume();
    this.onChange();
  }

  /** For what was not sent although there was time. */
  unsent(): StoreError {
    if (this.#newest() === undefined) return this.unreachable("not connected in time");
    return unanswered(this.#kind, "no");
  }

  /** For what was not sent: why, as far as it is known. */
  unreachable(otherwise = "the connection was closed"): StoreError {
    const error = this.#kind.errorOf(this.#failure ?? new Error(otherwise));
    const { code, message, cause, detail } = error;
    return new StoreError(code, message, { cause, applied: "no", detail });
  }
}
