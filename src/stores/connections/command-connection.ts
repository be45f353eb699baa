import { StoreError } from "../../errors.ts";
import type { StoreRequest } from "../lease-store.ts";
import type { Driver, OpenDriver, ServerKind } from "./driver.ts";

/** Until when an answer is waited for. */
export type Wait = Pick<StoreRequest, "clock" | "signal"> & Partial<Pick<StoreRequest, "notAfter">>;

/** A command that was sent. */
export interface Requested {
  readonly answer: Promise<unknown>;
  /** Its answer is waited for no longer. */
  forgo(): void;
}

/** How often a connection is replaced that leads elsewhere, in ms. */
const REPLACEMENT = 1000;

/** What a line reports. */
export interface LineEvents<Command> {
  /** Commands can be sent. */
  ready(line: CommandConnection<Command>): void;
  /** It answered. */
  heard(line: CommandConnection<Command>): void;
  /** It is over: it did not come about or was lost, by this error; or it was ended. */
  over(line: CommandConnection<Command>, error: unknown): void;
}

/** One connection for commands, from its first attempt to its end. It is never connected again. */
export class CommandConnection<Command> {
  readonly #kind: ServerKind;
  readonly #driver: Driver<Command>;
  readonly #clock: Wait["clock"];
  readonly #events: LineEvents<Command>;
  readonly #openedAt: number;
  /** What was sent and has had no answer yet. */
  readonly #owed = new Set<(error: unknown) => void>();
  /** How many of these answers are waited for. */
  #awaited = 0;
  #state: "connecting" | "ready" | "over" = "connecting";
  /** When it last answered, or when the oldest answer that it owes was asked for. */
  #heardAt: number;
  /** How long its last answer took. */
  #took = 0;
  #isDoubtful = false;
  #isRetired = false;

  constructor(
    kind: ServerKind,
    open: OpenDriver<Command>,
    clock: Wait["clock"],
    events: LineEvents<Command>,
  ) {
    this.#kind = kind;
    this.#clock = clock;
    this.#events = events;
    this.#openedAt = this.#heardAt = clock.now();
    // One that does not come about says why by itself. One that is lost at the moment when it does is over as well.
    let lostBy: unknown;
    const lost = (error: unknown = new Error("the connection was lost")) => {
      lostBy = error;
      if (this.isReady) this.#over(error);
    };
    this.#driver = open({ lost });
    this.#driver.connect().then(
      () => (lostBy === undefined ? this.#onReady() : this.#over(lostBy)),
      (error: unknown) => this.#over(error),
    );
  }

  get isReady(): boolean {
    return this.#state === "ready";
  }

  get isConnecting(): boolean {
    return this.#state === "connecting";
  }

  /** How long its last answer took, in ms. */
  get took(): number {
    return this.#took;
  }

  /** For how long nothing was heard although something is owed, in ms. */
  get silence(): number {
    const isOwing = this.isConnecting || this.#owed.size > 0;
    return isOwing ? this.#clock.now() - this.#heardAt : 0;
  }

  /** Whether it led elsewhere, or could not send: after a failover, the address may lead elsewhere. */
  get isOutdated(): boolean {
    return this.#isDoubtful && this.#clock.now() - this.#openedAt >= REPLACEMENT;
  }

  /** Rejects with a `StoreError`, as soon as the signal is aborted at the latest. */
  async send(command: Command, { signal }: Pick<Wait, "signal">): Promise<unknown> {
    const { answer, forgo } = this.request(command);
    try {
      return await untilAborted(answer, signal, this.#kind);
    } finally {
      forgo();
    }
  }

  /** Sends a command. Its answer is an error of the store's if it has failed. */
  request(command: Command): Requested {
    if (this.#owed.size === 0) this.#heardAt = this.#clock.now();
    this.#awaited += 1;
    let isForgone = false;
    const forgo = () => {
      if (isForgone) return;
      isForgone = true;
      this.#awaited -= 1;
      if (this.#isRetired) this.retire();
    };
    const answer = this.#answer(command);
    // One that travels again has ended its wait for this answer.
    answer.then(forgo, forgo);
    return { answer, forgo };
  }

  /** What it answered casts doubt on where it leads. */
  doubt(error: StoreError): void {
    this.#isDoubtful ||= this.#kind.isElsewhere(error) || (isUnsent(error) && this.isReady);
  }

  /** Ends as soon as no answer of it is waited for. */
  retire(): void {
    this.#isRetired = true;
    if (this.#awaited === 0) this.end();
  }

  /** Ends now, as a failure if there is an error. What it owes may have been carried out. */
  end(error?: unknown): void {
    this.#over(error);
  }

  async #answer(command: Command): Promise<unknown> {
    const { promise: lost, reject: lose } = rejectable();
    const sentAt = this.#clock.now();
    this.#owed.add(lose);
    try {
      // ioredis may never settle what it had sent before the connection was lost (ioredis#2193).
      return await Promise.race([this.#driver.send(command), lost]);
    } catch (cause) {
      const error = this.#kind.errorOf(cause);
      this.doubt(error);
      throw error;
    } finally {
      this.#owed.delete(lose);
      this.#hear(sentAt);
      if (this.isReady) this.#events.heard(this);
    }
  }

  #hear(sentAt: number): void {
    this.#heardAt = this.#clock.now();
    this.#took = this.#heardAt - sentAt;
  }

  #onReady(): void {
    if (this.#state !== "connecting") return;
    this.#state = "ready";
    this.#hear(this.#openedAt);
    this.#events.ready(this);
  }

  #over(error: unknown): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#driver.end();
    for (const lose of [...this.#owed]) lose(error ?? new Error("the connection was closed"));
    this.#events.over(this, error);
  }
}

function isUnsent({ code, applied }: StoreError): boolean {
  return code === "INCUMBENT_STORE_UNAVAILABLE" && applied === "no";
}

function rejectable(): { promise: Promise<never>; reject: (error: unknown) => void } {
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<never>((_, onReject) => {
    reject = onReject;
  });
  return { promise, reject };
}

/** The answer, or an error as soon as it is waited for no longer. */
async function untilAborted(
  answer: Promise<unknown>,
  signal: AbortSignal,
  kind: ServerKind,
): Promise<unknown> {
  const { promise: aborted, reject } = rejectable();
  const onAbort = () => {
    reject(unanswered(kind));
    answer.catch(() => {});
  };
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([answer, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

/** The error of a request that was sent, when its answer is waited for no longer. */
export function unanswered(
  { name, silence }: ServerKind,
  applied: StoreError["applied"] = "maybe",
): StoreError {
  const why = silence === undefined ? "" : `: ${silence}`;
  const message = `${name} did not answer in time${why}.`;
  return new StoreError("INCUMBENT_STORE_TIMEOUT", message, { applied });
}
